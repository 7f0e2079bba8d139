/** Query parameters as options: upstream's ListOptions, DeleteOptions, PatchOptions and their errors. */
import { badRequest, invalid } from '../errors.ts';
import type { ApiCall, ApiError, CallOptions, FieldError } from '../types.ts';
import { notSupportedValue } from '../validation.ts';

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

/** The kind that a verb's options have, as upstream's refusals name it. */
const OPTION_KINDS: { readonly [verb: string]: string } = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions' };

const refused = (kind: string, { field, type, message }: FieldError): ApiError =>
	invalid('meta.k8s.io', kind, '', `${field}: ${message}`, [{ reason: type, message, field }]);

function oneOf<T extends string>(query: Query, name: string, values: readonly T[], kind: string): T | undefined {
	const v = first(query, name);
	if (v === undefined || v === '') return undefined;
	const found = values.find((x) => x === v);
	if (found === undefined) throw refused(kind, notSupportedValue(name, v, values));
	return found;
}

/** dryRun takes one value, "All". */
function dryRun(query: Query, kind: string): boolean {
	const values = query['dryRun'] ?? [];
	if (values.some((v) => v !== 'All')) throw refused(kind, notSupportedValue('dryRun', values, ['All']));
	return values.length > 0;
}

/** The options in a query; throws what is wrong with them in the words of `verb`'s options. */
export function optionsOf(query: Query, verb: ApiCall['verb']): CallOptions {
	const out: { -readonly [K in keyof CallOptions]: CallOptions[K] } = {};
	const kind = OPTION_KINDS[verb] ?? 'DeleteOptions';
	for (const name in query) setOption(out, query, name, kind);
	return out;
}

function setOption(out: { -readonly [K in keyof CallOptions]: CallOptions[K] }, query: Query, name: string, kind: string): void {
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
			if (dryRun(query, kind)) out.dryRun = true;
			return;
		case 'fieldValidation': {
			const v = oneOf(query, name, ['Ignore', 'Strict', 'Warn'], kind);
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
