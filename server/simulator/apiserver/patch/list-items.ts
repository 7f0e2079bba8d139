/** What structured-merge-diff refuses in the map-like lists and sets of an applied configuration (`typed/validate.go`, `typed/helpers.go`). */
import { isRecord } from '../equal.ts';
import type { Field } from '../openapi/schema.ts';
import { fieldOf, itemStep } from './fieldset.ts';

/** Lines like `.spec.containers: duplicate entries for key [name="c"]`. */
export function listItemErrors(value: unknown, field: Partial<Field>, path = ''): readonly string[] {
	if (field.atomic === true) return [];
	if (isRecord(value)) return Object.keys(value).flatMap((key) => listItemErrors(value[key], fieldOf(field.type, key), `${path}.${key}`));
	if (!Array.isArray(value) || field.type?.kind !== 'list') return [];
	if (field.listKeys === undefined && field.set !== true) return [];
	const out: string[] = [];
	const seen = new Set<string>();
	for (const [i, item] of value.entries()) {
		const wrong = itemError(item, field);
		if (wrong !== undefined) {
			out.push(`${path}: element ${i}: ${wrong}`);
			continue;
		}
		const step = shown(itemStep(item, field) ?? '');
		if (seen.has(step)) out.push(`${path}: duplicate entries for key ${step}`);
		seen.add(step);
		if (field.set !== true) out.push(...listItemErrors(item, { type: field.type.of }, `${path}${step}`));
	}
	return out;
}

function itemError(item: unknown, { listKeys, set }: Partial<Field>): string | undefined {
	if (set === true || listKeys === undefined) return undefined;
	if (item === null) return 'associative list with keys may not have a null element';
	if (!isRecord(item)) return 'associative list with keys may not have non-map elements';
	// A port's protocol has a default.
	if (listKeys.some((key) => item[key] !== undefined && item[key] !== null) || listKeys.includes('protocol')) return undefined;
	const keys = `[${listKeys.map((key) => JSON.stringify(key)).join(' ')}]`;
	return `associative list with keys has an element that omits all key fields ${keys} (and doesn't have default values for any key fields)`;
}

/** A step as an error shows it: `[name="c"]`, `[="x"]`. */
function shown(step: string): string {
	if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
	const keys = JSON.parse(step.slice(2)) as { readonly [key: string]: unknown };
	return `[${Object.entries(keys)
		.map(([key, value]) => `${key}=${JSON.stringify(value)}`)
		.join(',')}]`;
}
