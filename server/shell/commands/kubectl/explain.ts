/** `kubectl explain`, from the server's OpenAPI v3. Upstream: pkg/explain/v2 (its plaintext template). */
import type { Obj } from './client.ts';
import { apiVersionOf } from './discovery.ts';
import { CliError, isNotFound } from './errors.ts';
import { bool, text } from './flags.ts';
import type { Kube } from './kube.ts';
import type { Subcommand } from './subcommand.ts';

interface Document {
	readonly schemas: { readonly [name: string]: Obj };
}

const refName = (schema: Obj | undefined): string | undefined =>
	typeof schema?.['$ref'] === 'string' ? (schema['$ref'] as string).split('/').at(-1) : undefined;

function resolved(doc: Document, schema: Obj): Obj {
	const name = refName(schema);
	return name === undefined ? schema : (doc.schemas[name] ?? {});
}

/** What a field's type is called: `string`, `[]Container`, `map[string]string`, `PodSpec`. */
function typeName(doc: Document, schema: Obj): string {
	if (schema['items']) return `[]${typeName(doc, schema['items'])}`;
	if (schema['additionalProperties'] && typeof schema['additionalProperties'] === 'object')
		return `map[string]${typeName(doc, schema['additionalProperties'])}`;
	if (schema['allOf'] && !schema['properties'] && schema['allOf'].length === 1) return typeName(doc, schema['allOf'][0]);
	const name = refName(schema);
	if (name !== undefined) {
		const target = doc.schemas[name];
		if (target === undefined || !target['type'] || target['type'] === 'object') return name.split('.').at(-1) ?? 'Object';
		return String(target['type']);
	}
	return schema['type'] === 'object' || !schema['type'] ? 'Object' : String(schema['type']);
}

/** Breaks text at blanks so that lines keep within `width`; line breaks of the text stay. */
function wrapped(body: string, width: number, indent: number): string {
	const pad = ' '.repeat(indent);
	return body
		.split('\n')
		.map((paragraph) => {
			const out: string[] = [];
			let line = '';
			for (const word of paragraph.split(' ')) {
				if (line !== '' && line.length + 1 + word.length > width) {
					out.push(line);
					line = word;
				} else line = line === '' ? word : `${line} ${word}`;
			}
			out.push(line);
			return out.map((l) => `${pad}${l.trimEnd()}`).join('\n');
		})
		.join('\n');
}

function description(doc: Document, schema: Obj): string {
	const s = resolved(doc, schema);
	const parts: string[] = [];
	if (s['description']) parts.push(`${s['description']}\n`);
	for (const sub of (s['allOf'] ?? []) as Obj[]) parts.push(description(doc, sub));
	if (s['items']) parts.push(description(doc, s['items']));
	if (s['additionalProperties'] && typeof s['additionalProperties'] === 'object') parts.push(description(doc, s['additionalProperties']));
	return parts.join('');
}

function enumText(schema: Obj, indent: string): string {
	const values = schema['enum'] as unknown[] | undefined;
	if (values === undefined) return '';
	const shown = values.slice(0, 4).map((v) => (v === '' ? '""' : String(v)));
	return `\n${indent}enum: ${shown.join(', ')}${values.length > 4 ? ', ....' : ''}`;
}

interface Look {
	readonly recursive: boolean;
}

function fieldList(doc: Document, schema: Obj, level: number, look: Look, history: ReadonlySet<string>): string {
	const name = refName(schema);
	if (name !== undefined && history.has(name)) return '';
	const seen = name === undefined ? history : new Set([...history, name]);
	const s = resolved(doc, schema);
	let out = '';
	const properties = (s['properties'] ?? {}) as { readonly [field: string]: Obj };
	for (const field of Object.keys(properties).sort()) {
		const sub = properties[field] ?? {};
		const indent = '  '.repeat(level);
		const required = ((s['required'] ?? []) as string[]).includes(field) ? ' -required-' : '';
		out += `${indent}${field}\t<${typeName(doc, sub)}>${required}${enumText(sub, indent)}\n`;
		if (!look.recursive) out += `${wrapped(sub['description'] ?? '<no description>', 78 - level * 2, level * 2 + 2)}\n\n`;
		else out += fieldList(doc, sub, level + 1, look, seen);
	}
	for (const sub of (s['allOf'] ?? []) as Obj[]) out += fieldList(doc, sub, level, look, seen);
	if (s['items']) out += fieldList(doc, s['items'], level, look, seen);
	if (s['additionalProperties'] && typeof s['additionalProperties'] === 'object') out += fieldList(doc, s['additionalProperties'], level, look, seen);
	return out;
}

/** The schema at a path, with the field's own schema for its heading. */
function walk(doc: Document, schema: Obj, path: readonly string[], field?: Obj): { readonly schema: Obj; readonly field?: Obj } | undefined {
	const [head, ...rest] = path;
	if (head === undefined) return field === undefined ? { schema } : { schema, field };
	const s = resolved(doc, schema);
	const sub = s['properties']?.[head] as Obj | undefined;
	if (sub !== undefined) return walk(doc, sub, rest, sub);
	if (s['items']) return walk(doc, s['items'], path, field);
	if (s['additionalProperties'] && typeof s['additionalProperties'] === 'object') return walk(doc, s['additionalProperties'], path, field);
	for (const one of (s['allOf'] ?? []) as Obj[]) {
		const found = walk(doc, one, path, field);
		if (found !== undefined) return found;
	}
	return undefined;
}

async function documentOf(kube: Kube, apiVersion: string): Promise<Document> {
	const path = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
	try {
		const doc = await kube.client.json(`/openapi/v3/${path}`);
		return { schemas: (doc['components']?.schemas ?? {}) as Document['schemas'] };
	} catch (err) {
		if (isNotFound(err)) throw new CliError(`couldn't find resource for "${apiVersion}"`);
		throw err;
	}
}

export const explain: Subcommand = {
	name: 'explain',
	flags: [text('api-version'), text('output', { short: 'o', def: 'plaintext' }), bool('recursive')],
	completes: 'types',
	async run(kube, args, flags) {
		const [word] = args;
		if (word === undefined)
			throw new CliError('You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.');
		if (args.length > 1) throw new CliError('We accept only this format: explain RESOURCE');
		const format = flags.str('output');
		if (format !== 'plaintext' && format !== 'plaintext-openapiv2') throw new CliError(`unrecognized format: ${format}`);
		const [type = '', ...path] = word.split('.');
		let mapping = await kube.mapper
			.byWord(type)
			.catch((err: unknown) => Promise.reject(err instanceof CliError ? new CliError(err.message, { raw: true }) : err));
		const asked = flags.str('api-version');
		if (asked !== '') {
			const other = await kube.mapper.byKind(asked, mapping.kind);
			if (other === undefined) {
				// ParseGroupVersion: without a slash all of it is the version.
				const gv = asked.includes('/') ? asked : `/${asked}`;
				throw new CliError(`couldn't find resource for "${gv}, Resource=${mapping.resource}"`);
			}
			mapping = other;
		}
		const doc = await documentOf(kube, apiVersionOf(mapping));
		const root = Object.values(doc.schemas).find((s) =>
			((s['x-kubernetes-group-version-kind'] ?? []) as Obj[]).some(
				(g) => g['group'] === mapping.group && g['version'] === mapping.version && g['kind'] === mapping.kind,
			),
		);
		if (root === undefined) throw new CliError(`GVK ${mapping.group}/${mapping.version}, Kind=${mapping.kind} not found in OpenAPI schema`);
		const found = walk(
			doc,
			root,
			path.filter((p) => p !== ''),
		);
		let out = `${mapping.group === '' ? '' : `GROUP:      ${mapping.group}\n`}KIND:       ${mapping.kind}\nVERSION:    ${mapping.version}\n\n`;
		if (found === undefined) {
			// Upstream's template has printed its head by the time it finds that the field is not there.
			kube.out(out);
			throw new CliError(`field "${path.at(-1)}" does not exist`);
		}
		if (found.field !== undefined) {
			const values = found.field['enum'] as unknown[] | undefined;
			out += `FIELD: ${path.filter((p) => p !== '').at(-1)} <${typeName(doc, found.field)}>\n${values === undefined ? '' : `ENUM:${values.map((v) => `\n    ${v === '' ? '""' : v}`).join('')}`}\n\n`;
		}
		out += `DESCRIPTION:\n${wrapped(description(doc, found.schema) || '<empty>', 76, 4)}\n`;
		const fields = fieldList(doc, found.schema, 1, { recursive: flags.bool('recursive') }, new Set());
		if (fields !== '') out += `FIELDS:\n${fields}`;
		kube.out(`${out}\n`);
		return 0;
	},
};
