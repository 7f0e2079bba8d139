/**
 * Writes server/simulator/apiserver/openapi/schema.gen.ts: the facts about every field of the API that a server needs to
 * check, patch and describe objects. Facts only (names, types, numbers, keys), read from the Go types' declarations and tags.
 *
 *   node tools/openapi/generate.ts <k8s.io/api folder> <k8s.io/apimachinery folder>
 *
 * The folders are unpacked sources of one release (Debian: golang-k8s-api-dev, golang-k8s-apimachinery-dev).
 * A type is one line of text: `name[!] [*]type[#number][@flags];…`. See openapi/schema.ts, which reads it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = [
	'core/v1',
	'apps/v1',
	'batch/v1',
	'networking/v1',
	'policy/v1',
	'rbac/v1',
	'storage/v1',
	'autoscaling/v1',
	'autoscaling/v2',
	'discovery/v1',
	'events/v1',
	'coordination/v1',
	'scheduling/v1',
	'authentication/v1',
	'authorization/v1',
	'certificates/v1',
	'node/v1',
	'admissionregistration/v1',
	'flowcontrol/v1',
	'resource/v1',
];
const META = 'meta/v1';

/** Types with a JSON form of their own: the reader knows them by these names. */
const SPECIAL: { readonly [go: string]: string } = {
	'meta/v1.Time': 'Time',
	'meta/v1.MicroTime': 'MicroTime',
	'meta/v1.Duration': 'Duration',
	'meta/v1.FieldsV1': 'Any',
	'resource.Quantity': 'Quantity',
	'intstr.IntOrString': 'IntOrString',
	'runtime.RawExtension': 'Any',
	'types.UID': 'string',
	'types.NodeName': 'string',
	'[]byte': 'bytes',
};
const BASIC = new Set(['string', 'bool', 'int', 'int32', 'int64', 'uint32', 'uint64', 'float64', 'byte', 'uint8']);

interface Field {
	readonly name: string;
	readonly type: string;
	readonly required: boolean;
	readonly number: string;
	readonly flags: readonly string[];
	/** A pointer in Go: a zero that is sent is a zero that is meant. */
	readonly pointer: boolean;
	/** Fields of the embedded struct appear as if they were the outer one's. */
	readonly inline: boolean;
}
type Declaration = { readonly fields: readonly Field[] } | { readonly alias: string };

const declarations = new Map<string, Declaration>();

function importsOf(source: string): Map<string, string> {
	const out = new Map<string, string>();
	const block = /^import \(([\s\S]*?)^\)/m.exec(source)?.[1] ?? '';
	for (const m of block.matchAll(/^\s*(\w+)?\s*"([^"]+)"/gm)) {
		const path = m[2] ?? '';
		const local = m[1] ?? path.split('/').at(-1) ?? '';
		const api = /^k8s\.io\/api\/(.+)$/.exec(path)?.[1];
		out.set(local, api ?? (path.endsWith('/apis/meta/v1') ? META : (path.split('/').at(-1) ?? '')));
	}
	return out;
}

/** A Go type as the reader wants it: packages spelled out, pointers dropped. */
function typeText(go: string, pkg: string, imports: Map<string, string>): string {
	const t = go.trim().replace(/^\*/, '');
	if (t === '[]byte') return 'bytes';
	if (t.startsWith('[]')) return `[]${typeText(t.slice(2), pkg, imports)}`;
	const map = /^map\[([^\]]+)\](.+)$/.exec(t);
	if (map !== null) return `map[string]${typeText(map[2] ?? '', pkg, imports)}`;
	if (BASIC.has(t)) return t;
	const [prefix, name] = t.includes('.') ? t.split('.') : [undefined, t];
	const full = `${prefix === undefined ? pkg : (imports.get(prefix) ?? prefix)}.${name}`;
	return SPECIAL[full] ?? full;
}

function marker(comments: readonly string[], name: string): string[] {
	return comments.flatMap((c) => {
		const m = new RegExp(`^\\+${name}(?:=(\\S+))?$`).exec(c);
		return m === null ? [] : [m[1] ?? ''];
	});
}

function flagsOf(tag: (name: string) => string | undefined, comments: readonly string[]): string[] {
	const out: string[] = [];
	const strategy = tag('patchStrategy');
	if (strategy?.split(',').includes('merge')) out.push(`p=${tag('patchMergeKey') ?? ''}`);
	if (strategy?.split(',').includes('retainKeys')) out.push('r');
	const list = marker(comments, 'listType')[0];
	if (list === 'map') out.push(`l=${marker(comments, 'listMapKey').join(',')}`);
	else if (list === 'set') out.push('s');
	if (marker(comments, 'mapType')[0] === 'atomic' || marker(comments, 'structType')[0] === 'atomic') out.push('a');
	return out;
}

function parseField(line: string, comments: readonly string[], pkg: string, imports: Map<string, string>): Field | undefined {
	const m = /^\s*(?:(\w+)\s+)?([^\s`]+)\s+`([^`]*)`/.exec(line);
	if (m === null) return undefined;
	const tag = (name: string): string | undefined => new RegExp(`${name}:"([^"]*)"`).exec(m[3] ?? '')?.[1];
	const [json = '', ...options] = (tag('json') ?? '').split(',');
	if (json === '-') return undefined;
	const type = typeText(m[2] ?? '', pkg, imports);
	const number = tag('protobuf')?.split(',')[1] ?? '';
	const embedded = m[1] === undefined && json === '';
	const pointer = (m[2] ?? '').startsWith('*');
	const optional = marker(comments, 'optional').length > 0 || options.includes('omitempty');
	return { name: json, type, required: !optional, number, flags: flagsOf(tag, comments), pointer, inline: embedded };
}

function readPackage(pkg: string, file: string): void {
	const source = readFileSync(file, 'utf8');
	const imports = importsOf(source);
	let comments: string[] = [];
	let open: { name: string; fields: Field[]; flags: string[] } | undefined;
	for (const line of source.split('\n')) {
		const comment = /^\s*\/\/\s*(.*?)\s*$/.exec(line);
		if (comment !== null) {
			comments.push(comment[1] ?? '');
			continue;
		}
		const struct = /^type (\w+) struct \{/.exec(line);
		const alias = /^type (\w+) ([^\s{]+)$/.exec(line.replace(/\s*\/\/.*$/, ''));
		if (struct !== null) {
			open = { name: struct[1] ?? '', fields: [], flags: marker(comments, 'structType')[0] === 'atomic' ? ['a'] : [] };
			if (line.includes('}')) open = undefined;
		} else if (line === '}' && open !== undefined) {
			declarations.set(`${pkg}.${open.name}`, { fields: open.fields });
			if (open.flags.length > 0) atomic.add(`${pkg}.${open.name}`);
			open = undefined;
		} else if (open !== undefined) {
			const field = parseField(line, comments, pkg, imports);
			if (field !== undefined) open.fields.push(field);
		} else if (alias !== null) declarations.set(`${pkg}.${alias[1]}`, { alias: typeText(alias[2] ?? '', pkg, imports) });
		// A blank line inside a struct parts a field's comment from what stands above.
		comments = [];
	}
}

const atomic = new Set<string>();

/** Types named inside a type's text. */
function named(type: string): string | undefined {
	const bare = type.replace(/^(?:\[\]|map\[string\])+/, '');
	return declarations.has(bare) ? bare : undefined;
}

function reachable(): Set<string> {
	const seen = new Set<string>();
	const visit = (name: string): void => {
		if (seen.has(name)) return;
		seen.add(name);
		const d = declarations.get(name);
		if (d === undefined) return;
		for (const type of 'alias' in d ? [d.alias] : d.fields.map((f) => f.type)) {
			const next = named(type);
			if (next !== undefined) visit(next);
		}
	};
	for (const [name, d] of declarations) {
		if ('alias' in d || name.startsWith(META) || name.endsWith('List')) continue;
		if (d.fields.some((f) => f.type === `${META}.TypeMeta`)) visit(name);
	}
	for (const name of ['DeleteOptions', 'ObjectMeta', 'ListMeta', 'LabelSelector', 'Status']) visit(`${META}.${name}`);
	return seen;
}

function fieldText(f: Field, pkg: string): string {
	const type = f.type.replace(`${pkg}.`, '');
	const number = f.number === '' ? '' : `#${f.number}`;
	const flags = [...f.flags, ...(atomic.has(f.type) && !f.flags.includes('a') ? ['a'] : [])];
	return `${f.inline ? '^' : f.name}${f.required && !f.inline ? '!' : ''} ${f.pointer ? '*' : ''}${type}${number}${flags.length === 0 ? '' : `@${flags.join('|')}`}`;
}

function main(api: string | undefined, machinery: string | undefined): void {
	if (api === undefined || machinery === undefined) throw new Error('usage: node tools/openapi/generate.ts <k8s.io/api folder> <k8s.io/apimachinery folder>');
	for (const pkg of PACKAGES) readPackage(pkg, join(api, pkg, 'types.go'));
	readPackage(META, join(machinery, 'pkg/apis/meta/v1/types.go'));
	const wanted = reachable();
	const out: { [pkg: string]: { [name: string]: string } } = {};
	for (const [full, d] of [...declarations].sort(([a], [b]) => (a < b ? -1 : 1))) {
		if (!wanted.has(full) || SPECIAL[full] !== undefined) continue;
		const [pkg = '', name = ''] = full.split('.');
		out[pkg] ??= {};
		out[pkg][name] = 'alias' in d ? `=${d.alias.replace(`${pkg}.`, '')}` : d.fields.map((f) => fieldText(f, pkg)).join(';');
	}
	const text = JSON.stringify(out, null, '\t')
		.replaceAll("'", "\\'")
		.replaceAll(/"((?:[^"\\]|\\.)*)"/g, "'$1'");
	writeFileSync(
		new URL('../../server/simulator/apiserver/openapi/schema.gen.ts', import.meta.url),
		`// Written by tools/openapi/generate.ts out of the Kubernetes 1.36 types; do not edit.\nexport const SCHEMA: { readonly [group: string]: { readonly [type: string]: string } } = ${text};\n`,
	);
}

main(process.argv[2], process.argv[3]);
