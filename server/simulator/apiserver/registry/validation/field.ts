/** Short forms over the field errors of `apiserver/validation.ts`. */
import type { FieldError } from '../../types.ts';
import { invalidValue } from '../../validation.ts';

export function tooManyItems(field: string, actual: number, max: number): FieldError {
	return { field, type: 'FieldValueTooMany', message: `Too many: ${actual}: must have at most ${max} items` };
}

/** One FieldValueInvalid for each text of what is wrong with `value`. */
export function invalidEach(field: string, value: unknown, details: readonly string[]): readonly FieldError[] {
	return details.map((detail) => invalidValue(field, value, detail));
}

/** apimachinery's ValidateImmutableField. */
export function immutable(field: string, value: unknown, isSame: boolean): readonly FieldError[] {
	return isSame ? [] : [invalidValue(field, value, 'field is immutable')];
}
