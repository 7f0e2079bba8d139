/** Short forms over the field errors of `apiserver/validation.ts`. */
import { sameData } from '../../equal.ts';
import type { FieldError } from '../../types.ts';
import { invalidValue } from '../../validation.ts';

/** One FieldValueInvalid for each text of what is wrong with `value`. */
export function invalidEach(field: string, value: unknown, details: readonly string[]): readonly FieldError[] {
	return details.map((detail) => invalidValue(field, value, detail));
}

/** ValidateImmutableField. */
export function immutableErrors(field: string, now: unknown, before: unknown): readonly FieldError[] {
	return sameData(now, before) ? [] : [invalidValue(field, now ?? null, 'field is immutable')];
}
