/** Makers of field errors, worded as apimachinery's `pkg/util/validation/field`. */
import type { FieldError } from '../../types.ts';

/** A value as field.Error prints it: text quoted, numbers bare, lists as JSON. */
export function valueText(value: unknown): string {
	if (value === undefined || value === null) return 'null';
	if (typeof value === 'string') return quote(value);
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	return JSON.stringify(value);
}

/** Go's %q for the texts that occur here. */
export function quote(text: string): string {
	return JSON.stringify(text);
}

const withDetail = (body: string, detail: string): string => (detail === '' ? body : `${body}: ${detail}`);

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
	return { field, type: 'FieldValueInvalid', message: withDetail(`Invalid value: ${valueText(value)}`, detail) };
}

export function required(field: string, detail = ''): FieldError {
	return { field, type: 'FieldValueRequired', message: withDetail('Required value', detail) };
}

export function forbiddenField(field: string, detail: string): FieldError {
	return { field, type: 'FieldValueForbidden', message: withDetail('Forbidden', detail) };
}

export function duplicate(field: string, value: unknown): FieldError {
	return { field, type: 'FieldValueDuplicate', message: `Duplicate value: ${valueText(value)}` };
}

export function notFoundValue(field: string, value: unknown): FieldError {
	return { field, type: 'FieldValueNotFound', message: `Not found: ${valueText(value)}` };
}

/** `supported` in upstream's order: NotSupported sorts nothing itself, its callers do. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
	const detail = supported.length === 0 ? '' : `supported values: ${supported.map(quote).join(', ')}`;
	return { field, type: 'FieldValueNotSupported', message: withDetail(`Unsupported value: ${valueText(value)}`, detail) };
}

export function tooLong(field: string, max: number): FieldError {
	return { field, type: 'FieldValueTooLong', message: `Too long: may not be more than ${max} bytes` };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
	return { field, type: 'FieldValueTooMany', message: `Too many: ${actual}: must have at most ${max} items` };
}

/** One FieldValueInvalid for each text of what is wrong with `value`. */
export function invalidEach(field: string, value: unknown, details: readonly string[]): readonly FieldError[] {
	return details.map((detail) => invalidValue(field, value, detail));
}

/** `field is immutable` where the two differ. */
export function immutable(field: string, value: unknown, isSame: boolean): readonly FieldError[] {
	return isSame ? [] : [invalidValue(field, value, 'field is immutable')];
}
