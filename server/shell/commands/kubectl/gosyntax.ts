/** A decoded JSON value as Go's `%#v` prints it: `map[string]interface {}{"a":1, "b":[]interface {}{"c"}}`. */
import { goNumber } from './json-text.ts';

export function goSyntax(value: unknown): string {
	if (value === null || value === undefined) return 'interface {}(nil)';
	if (typeof value === 'number' || typeof value === 'bigint') return goNumber(value);
	if (typeof value === 'string') return JSON.stringify(value);
	if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
	if (typeof value !== 'object') return String(value);
	const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return `map[string]interface {}{${entries.map(([k, v]) => `${JSON.stringify(k)}:${goSyntax(v)}`).join(', ')}}`;
}
