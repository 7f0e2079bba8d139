/** How objects are printed: -o json, yaml, name, jsonpath, go-template, custom-columns (cli-runtime's printers). */
import type { Obj } from './client.ts';
import { type Mapping, singularName } from './discovery.ts';
import { CliError, toError } from './errors.ts';
import type { Flags, FlagSpec } from './flags.ts';
import { bool, text } from './flags.ts';
import { goPrint, renderTemplate } from './gotemplate.ts';
import { goSyntax } from './gosyntax.ts';
import { findAll, parseJsonPath, relaxed, renderJsonPath } from './jsonpath.ts';
import type { Kube } from './kube.ts';
import { TableText } from './tabs.ts';
import { toKyaml } from './kyaml-out.ts';
import { toJson, toYaml } from './yaml-out.ts';

const FORMATS = 'json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file';

/** Flags of a command that prints the objects it changed. */
export const PRINT_FLAGS: readonly FlagSpec[] = [
	bool('allow-missing-template-keys', { def: 'true' }),
	text('output', { short: 'o' }),
	bool('show-managed-fields'),
	text('template'),
];

export type Printer = (object: Obj) => string;

export function withoutManagedFields(object: Obj): Obj {
	const meta = object.metadata;
	const items = object['items'];
	const cleaned = Array.isArray(items) ? { ...object, items: items.map(withoutManagedFields) } : object;
	if (meta?.managedFields === undefined) return cleaned;
	const { managedFields: _dropped, ...rest } = meta;
	return { ...cleaned, metadata: rest };
}

/** Splits `jsonpath={.x}` and `jsonpath` with `--template`. */
function argumentOf(output: string, flags: Flags): { readonly format: string; readonly argument: string } {
	const eq = output.indexOf('=');
	if (eq < 0) return { format: output, argument: flags.str('template') };
	return { format: output.slice(0, eq), argument: output.slice(eq + 1) };
}

const NEEDS_TEMPLATE = ['jsonpath', 'jsonpath-file', 'jsonpath-as-json', 'go-template', 'go-template-file', 'template', 'templatefile'];

async function readTemplate(kube: Kube, format: string, argument: string): Promise<string> {
	if (!format.endsWith('file')) return argument;
	try {
		return await kube.context.files.read(argument);
	} catch {
		throw new CliError(`error reading --template ${argument}, open ${argument}: no such file or directory\n`);
	}
}

/** The printer that -o asks for; undefined for none (`-o wide` and tables are the command's own). */
export async function printerFor(kube: Kube, flags: Flags, options: { readonly keepOrder?: boolean } = {}): Promise<Printer | undefined> {
	const output = flags.str('output');
	const tables = flags.knows('label-columns');
	if (output === '' || (output === 'wide' && tables)) return undefined;
	const { format, argument } = argumentOf(output, flags);
	const clean = (o: Obj): Obj => (flags.bool('show-managed-fields') ? o : withoutManagedFields(o));
	switch (format) {
		case 'json':
			return (o) => toJson(clean(o), { keepOrder: options.keepOrder ?? false });
		case 'yaml': {
			let count = 0;
			return (o) => (count++ > 0 ? `---\n${toYaml(clean(o))}` : toYaml(clean(o)));
		}
		case 'kyaml':
			return (o) => toKyaml(clean(o), { keepOrder: options.keepOrder ?? false });
		case 'name':
			return undefined;
		case 'custom-columns':
		case 'custom-columns-file':
			if (tables) return undefined;
			break;
		default:
	}
	if (!NEEDS_TEMPLATE.includes(format)) {
		const extra = tables ? ['custom-columns', 'custom-columns-file', 'wide'] : [];
		throw new CliError(
			`unable to match a printer suitable for the output format "${output}", allowed formats are: ${[...FORMATS.split(', '), ...extra].sort().join(',')}`,
		);
	}
	if (argument === '') throw new CliError(`template format specified but no template given`);
	const template = await readTemplate(kube, format, argument);
	if (!format.startsWith('jsonpath') && template.lastIndexOf('{{') > template.lastIndexOf('}}'))
		throw new CliError(
			`error parsing template ${template}, template: output:${template.slice(0, template.lastIndexOf('{{')).split('\n').length}: unclosed action`,
		);
	const allowMissing = flags.bool('allow-missing-template-keys');
	if (format.startsWith('jsonpath')) return jsonPathPrinter(template, format, allowMissing);
	return (o) => {
		try {
			return renderTemplate(template, o);
		} catch (err) {
			throw new CliError(`error executing template "${template}": ${toError(err).message}`);
		}
	};
}

function jsonPathPrinter(template: string, format: string, allowMissing: boolean): Printer {
	try {
		parseJsonPath(template);
	} catch (err) {
		throw new CliError(`error parsing jsonpath ${template}, ${toError(err).message}`);
	}
	return (o) => {
		try {
			if (format === 'jsonpath-as-json') return toJson(findAll(template, o));
			return renderJsonPath(template, o, allowMissing);
		} catch (err) {
			throw new CliError(
				`error executing jsonpath "${template}": Error executing template: ${toError(err).message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(o)}\n\n\n`,
			);
		}
	};
}

/** `deployment.apps/web`. */
export const objectName = (mapping: Pick<Mapping, 'group' | 'kind'>, name: string): string => `${singularName(mapping)}/${name}`;

/** Prints one changed object: by -o, or as `kind/name verb`. */
export async function resultPrinter(
	kube: Kube,
	flags: Flags,
	options: { readonly keepOrder?: boolean } = {},
): Promise<(mapping: Pick<Mapping, 'group' | 'kind'>, object: Obj, verb: string) => void> {
	const printer = await printerFor(kube, flags, options);
	const nameOnly = flags.str('output') === 'name';
	return (mapping, object, verb) => {
		if (printer !== undefined) kube.out(printer(object));
		else if (nameOnly) kube.out(`${objectName(mapping, object.metadata?.name ?? '')}\n`);
		else kube.out(`${objectName(mapping, object.metadata?.name || '<unknown>')} ${verb}\n`);
	};
}

/** Rows of -o custom-columns. */
export function customColumns(spec: string, objects: readonly Obj[], noHeaders: boolean): string {
	if (spec === '') throw new CliError('custom-columns format specified but no custom columns given');
	const columns = spec.split(',').map((part) => {
		const colon = part.indexOf(':');
		if (colon < 0) throw new CliError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
		try {
			return { header: part.slice(0, colon), path: relaxed(part.slice(colon + 1)) };
		} catch (err) {
			throw new CliError(toError(err).message);
		}
	});
	const rows = objects.map((o) =>
		columns.map((c) => {
			const found = findAll(c.path, o).filter((v) => v !== null && v !== undefined);
			return found.length === 0 ? '<none>' : found.map(goPrint).join(',');
		}),
	);
	return new TableText().rows(noHeaders ? rows : [columns.map((c) => c.header), ...rows]);
}
