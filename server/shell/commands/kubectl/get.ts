/** `kubectl get`: server-side tables, or whole objects by -o; -w follows. Upstream: pkg/cmd/get/get.go. */
import { chunks, lines, type Obj, TABLE } from './client.ts';
import { type Mapping, resourcePath } from './discovery.ts';
import { CliError, isNotFound, StatusError, throwAll, toError, usageError } from './errors.ts';
import { bool, type Flags, int, list, text } from './flags.ts';
import { findAll, relaxed } from './jsonpath.ts';
import { age } from './human.ts';
import { parseJson } from './json-text.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { customColumns, objectName, PRINT_FLAGS, printerFor } from './printers.ts';
import { fileInfos, listRefused, NoMatch, targets, typed } from './select.ts';
import type { Subcommand } from './subcommand.ts';
import { type Column, headerOf, type Row, readTable, rowText, type Table, type TableLook } from './table.ts';
import { TableText } from './tabs.ts';

/** What to read: one collection, or one name in it. */
interface Query {
	readonly mapping: Mapping;
	readonly namespace: string;
	readonly name?: string;
}

async function queries(kube: Kube, args: readonly string[], flags: Flags): Promise<readonly Query[]> {
	const errors: Error[] = [];
	const everywhere = flags.bool('all-namespaces');
	if (hasFiles(flags)) {
		if (args.length > 0) throw new CliError('when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well');
		const infos = await fileInfos(kube, flags, errors);
		// A kind that is not served is said without `error:` here.
		const [first] = errors;
		if (errors.length === 1 && first instanceof NoMatch) throw new CliError(first.message, { raw: true });
		throwAll(errors);
		return infos.map(({ mapping, namespace, name }) => ({ mapping, namespace, name }));
	}
	const out: Query[] = [];
	for (const target of await targets(kube, args)) {
		const { mapping, names } = target;
		const namespace = mapping.namespaced && !everywhere ? kube.namespace : '';
		if (names === undefined) out.push({ mapping, namespace });
		else {
			if (flags.str('selector') !== '' || flags.str('field-selector') !== '') throw new CliError('name cannot be provided when a selector is specified');
			if (everywhere) throw new CliError('a resource cannot be retrieved by name across all namespaces');
			out.push(...names.map((name) => ({ mapping, namespace, name })));
		}
	}
	return out;
}

function listQuery(flags: Flags, extra: { readonly [name: string]: string | number | boolean | undefined } = {}) {
	return {
		labelSelector: flags.str('selector') || undefined,
		fieldSelector: flags.str('field-selector') || undefined,
		limit: flags.str('sort-by') !== '' || flags.int('chunk-size') === 0 ? undefined : flags.int('chunk-size'),
		...extra,
	};
}

async function readPages(kube: Kube, flags: Flags, query: Query): Promise<Table> {
	const path = resourcePath(query.mapping, query.namespace, query.name, flags.str('subresource'));
	const include = flags.str('sort-by') === '' ? undefined : 'Object';
	if (query.name !== undefined) return readTable(await kube.client.json(path, { accept: TABLE, query: { includeObject: include } }), kube.now);
	let table: Table | undefined;
	const rows: Row[] = [];
	let next = '';
	do {
		const page = readTable(
			await kube.client.json(path, { accept: TABLE, query: listQuery(flags, { includeObject: include, continue: next || undefined }) }),
			kube.now,
			table?.columns,
		);
		rows.push(...page.rows);
		table = { ...page, columns: table?.columns ?? page.columns };
		next = page.continue;
	} while (next !== '');
	return { ...table, rows };
}

/** Orders as kubectl's sorter: numbers by value, quantities and texts by Go's natural order; missing ones first. */
function sortBy<T>(items: readonly T[], expression: string, objectOf: (item: T) => unknown): T[] {
	const path = relaxed(expression);
	const keyed = items.map((item) => ({ item, value: findAll(path, objectOf(item))[0] }));
	if (keyed.length > 0 && keyed.every((k) => k.value === undefined)) {
		throw new CliError(`couldn't find any field with path "${path}" in the list of objects`);
	}
	const number = (v: unknown): number | undefined => (typeof v === 'number' ? v : undefined);
	keyed.sort((a, b) => {
		if (a.value === undefined || b.value === undefined) return Number(a.value !== undefined) - Number(b.value !== undefined);
		const [x, y] = [number(a.value), number(b.value)];
		if (x !== undefined && y !== undefined) return x - y;
		const [s, t] = [String(a.value), String(b.value)];
		return s.localeCompare(t, 'en', { numeric: true });
	});
	return keyed.map((k) => k.item);
}

function lookOf(flags: Flags, mapping: Mapping, withKind: boolean): TableLook {
	return {
		wide: flags.str('output') === 'wide',
		noHeaders: flags.bool('no-headers'),
		withNamespace: flags.bool('all-namespaces') && mapping.namespaced,
		withKind: withKind || flags.bool('show-kind'),
		showLabels: flags.bool('show-labels'),
		labelColumns: flags.list('label-columns'),
	};
}

/** A run of rows of one resource, printed under one header. */
interface Section {
	readonly mapping: Mapping;
	table: Table;
}

async function readSections(kube: Kube, flags: Flags, wanted: readonly Query[], errors: Error[]): Promise<Section[]> {
	const sections: Section[] = [];
	for (const query of wanted) {
		try {
			const table = await readPages(kube, flags, query);
			const last = sections.at(-1);
			if (last !== undefined && last.mapping === query.mapping) last.table = { ...last.table, rows: [...last.table.rows, ...table.rows] };
			else sections.push({ mapping: query.mapping, table });
		} catch (err) {
			if (flags.bool('ignore-not-found') && isNotFound(err)) continue;
			errors.push(
				toError(query.name === undefined ? listRefused(query.mapping, { label: flags.str('selector'), field: flags.str('field-selector') }, err) : err),
			);
		}
	}
	return sections;
}

async function getTables(kube: Kube, flags: Flags, wanted: readonly Query[]): Promise<void> {
	const errors: Error[] = [];
	const sections = await readSections(kube, flags, wanted, errors);
	const withRows = sections.filter((s) => s.table.rows.length > 0);
	// Types without rows count too: `get all` names the kind even of the only row.
	const withKind = new Set(sections.map((s) => s.mapping)).size > 1;
	let output = '';
	for (const section of withRows) {
		const look = lookOf(flags, section.mapping, withKind);
		const rows = flags.str('sort-by') === '' ? section.table.rows : sortBy(section.table.rows, flags.str('sort-by'), (r) => r.object);
		const texts = rows.map((r) => rowText(section.table, r, section.mapping, look));
		if (output !== '' && !look.noHeaders) output += '\n';
		output += new TableText().rows(look.noHeaders ? texts : [headerOf(section.table, look), ...texts]);
	}
	kube.out(output);
	if (output === '' && errors.length === 0 && !flags.bool('ignore-not-found')) {
		const namespaced = !flags.bool('all-namespaces') && wanted.every((q) => q.mapping.namespaced);
		kube.err(namespaced ? `No resources found in ${kube.namespace} namespace.\n` : 'No resources found\n');
	}
	throwAll(errors);
}

/** Objects whole: one as it is, several or a collection as a `List`. */
async function getObjects(kube: Kube, flags: Flags, wanted: readonly Query[]): Promise<void> {
	const errors: Error[] = [];
	let objects: { readonly mapping: Mapping; readonly object: Obj }[] = [];
	for (const { mapping, namespace, name } of wanted) {
		try {
			const path = resourcePath(mapping, namespace, name, flags.str('subresource'));
			if (name !== undefined) {
				objects.push({ mapping, object: await kube.client.json(path) });
				continue;
			}
			let next = '';
			do {
				const page = await kube.client.json(path, { query: listQuery(flags, { continue: next || undefined }) });
				for (const item of (page['items'] ?? []) as Obj[]) objects.push({ mapping, object: typed(mapping, item) });
				next = String((page.metadata as Record<string, unknown> | undefined)?.['continue'] ?? '');
			} while (next !== '');
		} catch (err) {
			if (flags.bool('ignore-not-found') && isNotFound(err)) continue;
			errors.push(toError(name === undefined ? listRefused(mapping, { label: flags.str('selector'), field: flags.str('field-selector') }, err) : err));
		}
	}
	if (flags.str('sort-by') !== '') objects = sortBy(objects, flags.str('sort-by'), (o) => o.object);
	const single = wanted.length === 1 && wanted[0]?.name !== undefined;
	const output = flags.str('output');
	if (output === 'name') kube.out(objects.map((o) => `${objectName(o.mapping, o.object.metadata?.name ?? '')}\n`).join(''));
	// Without the server's columns there are only these two.
	else if (tableWanted(flags)) kube.out(plainTable(kube, flags, objects));
	else if (output.startsWith('custom-columns'))
		await printColumns(
			kube,
			flags,
			objects.map((o) => o.object),
		);
	else if (!(objects.length === 0 && flags.bool('ignore-not-found')) && !(single && objects.length === 0) && !(objects.length === 0 && errors.length > 0)) {
		const printer = await printerFor(kube, flags);
		const list = { apiVersion: 'v1', items: objects.map((o) => o.object), kind: 'List', metadata: { resourceVersion: '' } };
		if (printer !== undefined) kube.out(printer(single && objects[0] !== undefined ? objects[0].object : list));
	}
	throwAll(errors);
}

function plainTable(kube: Kube, flags: Flags, objects: readonly { readonly object: Obj }[]): string {
	const everywhere = flags.bool('all-namespaces');
	const rows = objects.map(({ object: { metadata } }) => [
		...(everywhere ? [metadata?.namespace ?? ''] : []),
		metadata?.name ?? '',
		age(metadata?.creationTimestamp, kube.now),
	]);
	return new TableText().rows(flags.bool('no-headers') ? rows : [[...(everywhere ? ['NAMESPACE'] : []), 'NAME', 'AGE'], ...rows]);
}

async function printColumns(kube: Kube, flags: Flags, objects: readonly Obj[]): Promise<void> {
	const output = flags.str('output');
	const eq = output.indexOf('=');
	const argument = eq < 0 ? '' : output.slice(eq + 1);
	let spec = argument;
	if (output.startsWith('custom-columns-file')) {
		const [headers = '', paths = ''] = (
			await kube.context.files.read(argument).catch(() => {
				throw new CliError(`error reading template ${argument}, open ${argument}: no such file or directory`);
			})
		).split('\n');
		const names = headers.trim().split(/\s+/);
		const fields = paths.trim().split(/\s+/);
		if (names.length !== fields.length) throw new CliError(`number of headers (${names.length}) and field specifications (${fields.length}) don't match`);
		spec = names.map((n, i) => `${n}:${fields[i]}`).join(',');
	}
	kube.out(customColumns(spec, objects, flags.bool('no-headers')));
}

const tableWanted = (flags: Flags): boolean => ['', 'wide'].includes(flags.str('output'));

/** -w: what is there, then every change until the signal. */
async function watch(kube: Kube, flags: Flags, wanted: readonly Query[]): Promise<void> {
	const [query] = wanted;
	if (query === undefined) return;
	if (wanted.length > 1) throw new CliError('you may only specify a single resource type');
	const { mapping, namespace, name } = query;
	const asTable = tableWanted(flags);
	const look = lookOf(flags, mapping, false);
	const texts = new TableText();
	const print = await watchPrinter(kube, flags, mapping, look, texts);
	let version: string | undefined;
	let columns: readonly Column[] | undefined;
	const accept = asTable ? TABLE : 'application/json';
	const selector = {
		labelSelector: flags.str('selector') || undefined,
		fieldSelector: name === undefined ? flags.str('field-selector') || undefined : `metadata.name=${name}`,
	};
	if (asTable) {
		const table = await readPages(kube, flags, query);
		columns = table.columns;
		version = name === undefined ? table.resourceVersion : table.resourceVersion || String(table.rows[0]?.object.metadata?.resourceVersion ?? '0');
		if (!flags.bool('watch-only')) print.table(table, 'ADDED');
	} else {
		const answer = await kube.client.json(resourcePath(mapping, namespace, name), { query: name === undefined ? listQuery(flags) : {} });
		version = answer.metadata?.resourceVersion ?? '0';
		const items = name === undefined ? ((answer['items'] ?? []) as Obj[]) : [answer];
		if (!flags.bool('watch-only')) for (const item of items) print.object(typed(mapping, item), 'ADDED');
	}
	const response = await kube.client.fetch(resourcePath(mapping, namespace), { accept, query: { ...selector, watch: true, resourceVersion: version } });
	for await (const line of lines(response, kube.signal)) {
		if (line.trim() === '') continue;
		const event = parseJson(line) as { readonly type: string; readonly object: Obj };
		if (event.type === 'BOOKMARK') continue;
		if (event.type === 'ERROR') throw new StatusError(event.object as never);
		if (asTable) {
			const table = readTable(event.object, kube.now, columns);
			columns = table.columns;
			print.table(table, event.type);
		} else print.object(event.object, event.type);
	}
}

async function watchPrinter(kube: Kube, flags: Flags, mapping: Mapping, look: TableLook, texts: TableText) {
	const printer = await printerFor(kube, flags);
	const events = flags.bool('output-watch-events');
	let headed = look.noHeaders;
	return {
		table(table: Table, type: string): void {
			const withType = events ? { ...look, eventType: type } : look;
			const rows = table.rows.map((r) => rowText(table, r, mapping, withType));
			if (!headed && rows.length > 0) rows.unshift(headerOf(table, withType));
			if (rows.length > 0) headed = true;
			kube.out(texts.rows(rows));
		},
		object(object: Obj, type: string): void {
			if (flags.str('output') === 'name') kube.out(`${objectName(mapping, object.metadata?.name ?? '')}\n`);
			else if (flags.str('output').startsWith('custom-columns')) {
				kube.out(customColumns(flags.str('output').slice(flags.str('output').indexOf('=') + 1), [object], headed));
				headed = true;
			} else kube.out(printer?.(events ? { type, object } : object) ?? '');
		},
	};
}

async function raw(kube: Kube, path: string): Promise<void> {
	const response = await kube.client.fetch(path, { accept: '*/*' });
	for await (const piece of chunks(response, kube.signal)) kube.out(piece);
}

function requireType(kube: Kube, args: readonly string[], flags: Flags): void {
	if (args.length > 0 || hasFiles(flags)) return;
	kube.err('You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n');
	throw usageError(
		kube.path,
		`Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).`,
	);
}

export const get: Subcommand = {
	name: 'get',
	flags: [
		bool('all-namespaces', { short: 'A' }),
		int('chunk-size', 500),
		text('field-selector'),
		bool('ignore-not-found'),
		list('label-columns', { short: 'L' }),
		bool('no-headers'),
		bool('output-watch-events'),
		text('raw'),
		text('selector', { short: 'l' }),
		bool('server-print', { def: 'true' }),
		bool('show-kind'),
		bool('show-labels'),
		text('sort-by'),
		text('subresource'),
		bool('watch', { short: 'w' }),
		bool('watch-only'),
		...FILE_FLAGS,
		...PRINT_FLAGS.filter((f) => f.name !== 'output'),
		text('output', { short: 'o' }),
	],
	completes: 'resources',
	async run(kube, args, flags) {
		if (flags.str('raw') !== '') {
			if (args.length > 0) throw new CliError('arguments may not be passed when --raw is specified');
			const path = flags.str('raw');
			if (!path.startsWith('/') && !/^[a-z]+:\/\//.test(path)) throw new CliError(`--raw must be a valid URL path: parse "${path}": invalid URI for request`);
			await raw(kube, path);
			return 0;
		}
		requireType(kube, args, flags);
		const output = flags.str('output');
		if (flags.bool('output-watch-events') && !flags.bool('watch') && !flags.bool('watch-only')) {
			throw new CliError('--output-watch-events option can only be used with --watch or --watch-only');
		}
		if (flags.bool('show-labels') && output !== '' && output !== 'wide') {
			throw new CliError(`--show-labels option cannot be used with ${output} printer`);
		}
		if (!tableWanted(flags) && output !== 'name' && !output.startsWith('custom-columns')) await printerFor(kube, flags);
		const wanted = await queries(kube, args, flags);
		if (flags.bool('watch') || flags.bool('watch-only')) await watch(kube, flags, wanted);
		else if (tableWanted(flags) && flags.bool('server-print')) await getTables(kube, flags, wanted);
		else await getObjects(kube, flags, wanted);
		return 0;
	},
};
