/** Objects out of a manifest's text: JSON, or YAML documents; Lists taken apart (cli-runtime's stream visitor). */
import type { Obj } from './client.ts';
import { CliError, toError } from './errors.ts';
import { jsonText, parseJson } from './json-text.ts';
import { parseYaml, splitDocuments } from './yaml-in.ts';

export interface SourcedObject {
	readonly object: Obj;
	/** The file, or `STDIN`. */
	readonly source: string;
}

const isObject = (v: unknown): v is Obj => v !== null && typeof v === 'object' && !Array.isArray(v);

/** Upper limit of what one manifest may hold, as a guard for the workstation (characters). */
const MAX_MANIFEST = 64 * 1024 * 1024;

/** Parses one file's text: JSON values one after the other, or YAML documents; Lists are taken apart. Errors of single documents are collected. */
export function parseManifest(content: string, source: string, errors: Error[], parse: (text: string) => unknown = parseYaml): SourcedObject[] {
	const out: SourcedObject[] = [];
	const found: unknown[] = [];
	const bad = (err: unknown): void => void errors.push(new CliError(`error parsing ${source}: ${toError(err).message}`));
	if (content.length > MAX_MANIFEST) throw new CliError(`error reading ${source}: file is larger than ${MAX_MANIFEST} bytes`);
	try {
		found.push(...parseJsonStream(content));
	} catch {
		for (const part of splitDocuments(content)) {
			try {
				found.push(parse(part));
			} catch (err) {
				// Upstream's stream ends at a document it can't read; those before it stand.
				bad(err);
				break;
			}
		}
	}
	for (const value of found) {
		if (value === null || value === undefined) continue;
		if (!isObject(value)) {
			errors.push(
				new CliError(
					`error validating "${source}": error validating data: invalid object to validate; if you choose to ignore these errors, turn validation off with --validate=false`,
				),
			);
			continue;
		}
		out.push(...flatten(value).map((object) => ({ object, source })));
	}
	for (const { object } of out) {
		if (typeof object.kind !== 'string' || object.kind === '') errors.push(notSet('Kind', 'kind', object, source));
		else if (typeof object.apiVersion !== 'string' || object.apiVersion === '') errors.push(notSet('apiVersion', 'apiVersion', object, source));
	}
	return out.filter(({ object }) => typeof object.kind === 'string' && object.kind !== '' && typeof object.apiVersion === 'string' && object.apiVersion !== '');
}

function notSet(_what: string, field: 'kind' | 'apiVersion', object: Obj, source: string): Error {
	if (field === 'kind' && object.apiVersion === undefined)
		return new CliError(
			`error validating "${source}": error validating data: [apiVersion not set, kind not set]; if you choose to ignore these errors, turn validation off with --validate=false`,
		);
	if (field === 'kind') return new CliError(`unable to decode "${source}": Object 'Kind' is missing in '${jsonText(object)}'`);
	return new CliError(
		`error validating "${source}": error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false`,
	);
}

function parseJsonStream(content: string): unknown[] {
	if (!/^\s*[{[]/.test(content)) throw new Error('not JSON');
	return [parseJson(content)];
}

/** Items of a List, each on its own. */
function flatten(value: Obj): Obj[] {
	if (typeof value.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value['items'])) {
		return (value['items'] as Obj[])
			.filter(isObject)
			.flatMap((item) => flatten(value.kind === 'List' ? item : { apiVersion: value.apiVersion, kind: String(value.kind).slice(0, -4), ...item }));
	}
	return [value];
}
