/** Objects out of files, folders and standard input (cli-runtime's resource.Builder for -f). */
import type { Obj } from './client.ts';
import { CliError, toError } from './errors.ts';
import type { Flags, FlagSpec } from './flags.ts';
import { bool, list, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { parseYaml, splitDocuments } from './yaml-in.ts';

export interface SourcedObject {
	readonly object: Obj;
	/** The file, or `STDIN`. */
	readonly source: string;
}

export const FILE_FLAGS: readonly FlagSpec[] = [
	list('filename', 'Filename, directory, or URL to files to use.', { short: 'f' }),
	text('kustomize', "Process a kustomization directory. This flag can't be used together with -f or -R.", { short: 'k' }),
	bool('recursive', 'Process the directory used in -f, --filename recursively.', { short: 'R' }),
];

const isObject = (v: unknown): v is Obj => v !== null && typeof v === 'object' && !Array.isArray(v);

/** Upper limit of what one manifest may hold, as a guard for the workstation (characters). */
const MAX_MANIFEST = 64 * 1024 * 1024;

/** Parses one file's text: JSON values one after the other, or YAML documents; Lists are taken apart. Errors of single documents are collected. */
export function parseManifest(content: string, source: string, errors: Error[]): SourcedObject[] {
	const out: SourcedObject[] = [];
	const found: unknown[] = [];
	const bad = (err: unknown): void => void errors.push(new CliError(`error parsing ${source}: ${toError(err).message}`));
	if (content.length > MAX_MANIFEST) throw new CliError(`error reading ${source}: file is larger than ${MAX_MANIFEST} bytes`);
	try {
		found.push(...parseJsonStream(content));
	} catch {
		for (const part of splitDocuments(content)) {
			try {
				found.push(parseYaml(part));
			} catch (err) {
				bad(err);
			}
		}
	}
	for (const value of found) {
		if (value === null || value === undefined) continue;
		if (!isObject(value)) {
			bad(
				new CliError(
					`error converting YAML to JSON: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type map[string]interface {}`,
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
	if (field === 'kind') return new CliError(`unable to decode "${source}": Object 'Kind' is missing in '${JSON.stringify(object)}'`);
	return new CliError(
		`error validating "${source}": error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false`,
	);
}

function parseJsonStream(content: string): unknown[] {
	if (!/^\s*[{[]/.test(content)) throw new Error('not JSON');
	return [JSON.parse(content)];
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

async function filesOf(kube: Kube, path: string, recursive: boolean): Promise<readonly string[]> {
	const { files } = kube.context;
	const stat = await files.stat(path);
	if (stat === undefined) throw new CliError(`the path "${path}" does not exist`);
	if (stat.kind === 'file') return [path];
	const base = path.replace(/\/+$/, '');
	const found = (await files.list(path, { recursive })).filter((p) => /\.(json|ya?ml)$/.test(p));
	if (found.length === 0) throw new CliError(`error reading [${base}]: recognized file extensions are [.json .yaml .yml]`);
	// Named as they were asked for, not by their absolute path.
	return found.map((p) => {
		const at = p.indexOf(`/${base.replace(/^\.\//, '')}/`);
		return base.startsWith('/') || at < 0 ? p : p.slice(at + 1);
	});
}

/** All objects of `-f` and `-k`; faults of single documents go to `errors`. */
export async function readManifests(kube: Kube, flags: Flags, errors: Error[]): Promise<SourcedObject[]> {
	const names = flags.list('filename');
	if (flags.str('kustomize') !== '') {
		if (names.length > 0) throw new CliError('only one of -f or -k can be specified');
		const { build } = await import('./kustomize.ts');
		return (await build(kube, flags.str('kustomize'))).map((object) => ({ object, source: flags.str('kustomize') }));
	}
	const out: SourcedObject[] = [];
	for (const name of names) {
		if (name === '-') {
			out.push(...parseManifest(kube.context.io.stdin, 'STDIN', errors));
			continue;
		}
		if (/^https?:\/\//.test(name))
			throw new CliError(`unable to read URL "${name}": the workstation has no way out to the internet; save the manifest as a file and use -f FILE`);
		for (const file of await filesOf(kube, name, flags.bool('recursive'))) {
			out.push(...parseManifest(await kube.context.files.read(file), file, errors));
		}
	}
	return out;
}

export const hasFiles = (flags: Flags): boolean => flags.list('filename').length > 0 || flags.str('kustomize') !== '';
