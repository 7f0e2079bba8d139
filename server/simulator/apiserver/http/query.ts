/** Query parameters as options: upstream's ListOptions, DeleteOptions, PatchOptions and their errors. */
import { badRequest } from '../errors.ts';
import type { CallOptions } from '../types.ts';

export type Query = { readonly [name: string]: readonly string[] };

const unescaped = (text: string): string => {
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		return text;
	}
};

export function parseQuery(text: string): Query {
	const out: { [name: string]: string[] } = Object.create(null) as { [name: string]: string[] };
	if (text === '') return out;
	for (const pair of text.split('&')) {
		if (pair === '') continue;
		const at = pair.indexOf('=');
		const name = unescaped(at < 0 ? pair : pair.slice(0, at));
		(out[name] ??= []).push(at < 0 ? '' : unescaped(pair.slice(at + 1)));
	}
	return out;
}

const first = (query: Query, name: string): string | undefined => query[name]?.[0];

/** Go's conversion of a query value to bool: absent or "false"/"0" is false, anything else true. */
export function flag(query: Query, name: string): boolean | undefined {
	const v = first(query, name);
	return v === undefined ? undefined : v !== 'false' && v !== '0';
}

function integer(query: Query, name: string): number | undefined {
	const v = first(query, name);
	if (v === undefined || v === '') return undefined;
	if (!/^[+-]?\d+$/.test(v)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(v)}: invalid syntax`);
	return Number(v);
}

function oneOf<T extends string>(query: Query, name: string, values: readonly T[], kind: string): T | undefined {
	const v = first(query, name);
	if (v === undefined || v === '') return undefined;
	const found = values.find((x) => x === v);
	if (found !== undefined) return found;
	throw badRequest(
		`${kind}.meta.k8s.io "" is invalid: ${name}: Unsupported value: ${JSON.stringify(v)}: supported values: ${values.map((x) => JSON.stringify(x)).join(', ')}`,
	);
}

/** dryRun takes one value, "All". */
function dryRun(query: Query): boolean {
	const values = query['dryRun'] ?? [];
	for (const v of values) {
		if (v !== 'All') throw badRequest(`Invalid value: ${JSON.stringify(v)}: dryRun: Unsupported value: ${JSON.stringify(v)}: supported values: "All"`);
	}
	return values.length > 0;
}

export function optionsOf(query: Query): CallOptions {
	const out: { -readonly [K in keyof CallOptions]: CallOptions[K] } = {};
	for (const name in query) setOption(out, query, name);
	return out;
}

function setOption(out: { -readonly [K in keyof CallOptions]: CallOptions[K] }, query: Query, name: string): void {
	switch (name) {
		case 'labelSelector':
		case 'fieldSelector':
		case 'continue':
		case 'resourceVersion':
		case 'resourceVersionMatch':
		case 'fieldManager':
			out[name] = first(query, name) ?? '';
			return;
		case 'limit':
		case 'timeoutSeconds':
		case 'gracePeriodSeconds': {
			const n = integer(query, name);
			if (n !== undefined) out[name] = n;
			return;
		}
		case 'allowWatchBookmarks':
		case 'sendInitialEvents':
		case 'force': {
			const b = flag(query, name);
			if (b !== undefined) out[name] = b;
			return;
		}
		case 'dryRun':
			if (dryRun(query)) out.dryRun = true;
			return;
		case 'fieldValidation': {
			const v = oneOf(query, name, ['Ignore', 'Warn', 'Strict'], 'CreateOptions');
			if (v !== undefined) out.fieldValidation = v;
			return;
		}
		case 'propagationPolicy': {
			const v = oneOf(query, name, ['Foreground', 'Background', 'Orphan'], 'DeleteOptions');
			if (v !== undefined) out.propagationPolicy = v;
			return;
		}
		case 'orphanDependents':
			out.propagationPolicy ??= flag(query, name) ? 'Orphan' : 'Background';
			return;
	}
}
