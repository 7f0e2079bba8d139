/** The `fieldPath` of a rule: `.a.b` or `.a['key']` (`ValidFieldPath`). */
import { isRecord } from '../equal.ts';
import type { Props } from './definition.ts';

const STEP = /\.([^.[\]]+)|\['((?:\\.|[^'\\])*)'\]/y;

/** As a field error prints it (`a.b[key]`); undefined where it leads to no field of the schema. */
export function fieldPath(path: string, schema: Props): string | undefined {
	let at = 0;
	let here: Props | undefined = schema;
	let out = '';
	const step = new RegExp(STEP);
	while (at < path.length) {
		step.lastIndex = at;
		const m = step.exec(path);
		if (m === null || here === undefined) return undefined;
		at = step.lastIndex;
		const name: string = m[1] ?? (m[2] ?? '').replaceAll(/\\(.)/g, '$1');
		if (here.properties !== undefined) {
			here = Object.hasOwn(here.properties, name) ? here.properties[name] : undefined;
			if (here === undefined) return undefined;
			out += out === '' ? name : `.${name}`;
		} else if (here.additionalProperties !== undefined) {
			here = isRecord(here.additionalProperties) ? (here.additionalProperties as Props) : undefined;
			out += `[${name}]`;
		} else return undefined;
	}
	return out;
}
