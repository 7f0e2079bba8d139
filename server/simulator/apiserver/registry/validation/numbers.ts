import type { FieldError } from '../../types.ts';
import { invalidValue } from '../../validation.ts';

/** A number, a percentage, or neither. */
export const isPercent = (value: unknown): value is string => typeof value === 'string' && /^[0-9]+%$/.test(value);

export function nonNegative(field: string, value: unknown): readonly FieldError[] {
	return typeof value === 'number' && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [];
}

export const isPort = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;

export const PORT_RANGE = 'must be between 1 and 65535, inclusive';

/** ValidatePositiveIntOrPercent. */
export function intOrPercentErrors(field: string, value: unknown): readonly FieldError[] {
	if (value === undefined || value === null) return [];
	if (typeof value === 'number') return nonNegative(field, value);
	if (isPercent(value)) return [];
	const text = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
	return [invalidValue(field, value, text)];
}

/** IsNotMoreThan100Percent. */
export function atMost100Percent(field: string, value: unknown): readonly FieldError[] {
	return isPercent(value) && Number(value.slice(0, -1)) > 100 ? [invalidValue(field, value, 'must not be greater than 100%')] : [];
}
