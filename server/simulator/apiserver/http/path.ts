/** A request's path taken apart: upstream's `RequestInfoFactory`. */
import type { Verb } from '../types.ts';

export interface ResourcePath {
	readonly group: string;
	readonly version: string;
	readonly resource: string;
	readonly namespace?: string;
	readonly name?: string;
	readonly subresource?: string;
	/** What follows a subresource (`proxy/some/path`). */
	readonly rest?: string;
	/** The deprecated `/watch/` prefix. */
	readonly watch: boolean;
}

/** Subresources of namespaces themselves; any other word after a namespace's name is a resource in it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

/** Undefined where the path names no resource (discovery, health, anything else). */
export function parsePath(path: string): ResourcePath | undefined {
	// `/api/v1/…` begins with an empty part; others are as rare as escapes are.
	const split = path.split('/');
	const parts = split.indexOf('', 1) < 0 && split[0] === '' ? split.slice(1) : split.filter((p) => p !== '');
	let group = '';
	let at = 2;
	if (parts[0] === 'apis') {
		group = parts[1] ?? '';
		at = 3;
	} else if (parts[0] !== 'api') return undefined;
	const version = parts[at - 1];
	const rest = path.includes('%') ? parts.slice(at).map(decoded) : parts.slice(at);
	if (version === undefined || rest.length === 0) return undefined;
	const watch = rest[0] === 'watch' && rest.length > 1;
	if (watch) rest.shift();
	let namespace: string | undefined;
	if (rest[0] === 'namespaces' && group === '' && (rest.length < 3 || NAMESPACE_SUBRESOURCES.has(rest[2] ?? ''))) {
		// The namespace itself.
	} else if (rest[0] === 'namespaces' && rest.length >= 3) {
		namespace = rest[1];
		rest.splice(0, 2);
	}
	const [resource = '', name, subresource, ...more] = rest;
	const out: { -readonly [K in keyof ResourcePath]: ResourcePath[K] } = { group, version: decoded(version), resource, watch };
	if (namespace !== undefined) out.namespace = namespace;
	if (name !== undefined) out.name = name;
	if (subresource !== undefined) out.subresource = subresource;
	if (more.length > 0) out.rest = more.join('/');
	return out;
}

/** The API verb of an HTTP method on a resource path; undefined where there is none. */
export function verbOf(method: string, path: ResourcePath, watchAsked: boolean): Verb | undefined {
	switch (method) {
		case 'GET':
		case 'HEAD':
			if (path.watch || (watchAsked && path.subresource === undefined)) return 'watch';
			return path.name === undefined ? 'list' : 'get';
		case 'POST':
			return 'create';
		case 'PUT':
			return 'update';
		case 'PATCH':
			return 'patch';
		case 'DELETE':
			return path.name === undefined ? 'deletecollection' : 'delete';
		case 'OPTIONS':
			// Upstream knows no verb for it; only a rule for every verb lets it pass.
			return path.subresource === 'proxy' ? 'connect' : undefined;
		default:
			return undefined;
	}
}
