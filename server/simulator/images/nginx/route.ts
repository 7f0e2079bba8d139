/** Which server and which location a request goes to, and what rewriting does on the way. */
import type { Location, Model, Server, Step } from './config/model.ts';
import { toRegex } from './config/values.ts';
import { expand, type Variables } from './variables.ts';

/** The server for a port and a Host header: exact name, wildcard, regular expression, then the default. */
export function findServer(model: Model, port: number, host: string): Server | undefined {
	const candidates = model.servers.filter((s) => s.listen.some((l) => l.port === port));
	const name = host.replace(/:\d+$/, '').toLowerCase();
	const exact = candidates.find((s) => s.names.includes(name));
	if (exact !== undefined) return exact;
	const wild = candidates.find((s) =>
		s.names.some(
			(n) =>
				(n.startsWith('*.') && name.endsWith(n.slice(1))) ||
				(n.startsWith('.') && (name === n.slice(1) || name.endsWith(n))) ||
				(n.endsWith('.*') && name.startsWith(n.slice(0, -1))),
		),
	);
	if (wild !== undefined) return wild;
	const regex = candidates.find((s) => s.names.some((n) => n.startsWith('~') && toRegex(n.slice(1), 'i')?.test(name) === true));
	return regex ?? candidates.find((s) => s.listen.some((l) => l.port === port && l.isDefault)) ?? candidates[0];
}

export interface Found {
	readonly location: Location;
	readonly captures: readonly string[];
}

/** nginx's order: exact, longest prefix (final with ^~), first regular expression, longest prefix. */
export function findLocation(locations: readonly Location[], uri: string): Found | undefined {
	let best: Location | undefined;
	for (const l of locations) {
		if (l.modifier === '=' && l.pattern === uri) return { location: l, captures: [] };
		if ((l.modifier === '' || l.modifier === '^~') && uri.startsWith(l.pattern) && (best === undefined || l.pattern.length > best.pattern.length)) best = l;
	}
	const nested = best === undefined ? undefined : findLocation(best.locations, uri);
	if (nested !== undefined && (nested.location.modifier === '~' || nested.location.modifier === '~*' || nested.location.modifier === '=')) return nested;
	if (best?.modifier !== '^~') {
		for (const l of locations) {
			if (l.modifier !== '~' && l.modifier !== '~*') continue;
			const m = toRegex(l.pattern, l.modifier === '~*' ? 'i' : '')?.exec(uri);
			if (m !== null && m !== undefined) return { location: l, captures: m.map((c) => c ?? '') };
		}
	}
	return nested ?? (best === undefined ? undefined : { location: best, captures: [] });
}

export type Rewritten =
	| { readonly kind: 'go'; readonly uri: string; readonly args: string; readonly again: boolean }
	| { readonly kind: 'return'; readonly code: number; readonly text: string }
	| { readonly kind: 'redirect'; readonly code: number; readonly to: string };

/** Runs return, rewrite, set and if. `again`: the location has to be looked for anew. `v.set` collects variables. */
export function runSteps(steps: readonly Step[], v: Variables, fileExists: (path: string, directory: boolean) => boolean): Rewritten {
	let { uri, args } = v;
	let again = false;
	for (const s of steps) {
		const now = { ...v, uri, args };
		switch (s.kind) {
			case 'return':
				return { kind: 'return', code: s.code, text: expand(s.text, now) };
			case 'set':
				v.set[s.name] = expand(s.value, now);
				break;
			case 'break':
				return { kind: 'go', uri, args, again: false };
			case 'if': {
				if (!holds(s.condition, now, fileExists)) break;
				const inner = runSteps(s.steps, now, fileExists);
				if (inner.kind !== 'go') return inner;
				if (inner.again) return inner;
				uri = inner.uri;
				args = inner.args;
				break;
			}
			case 'rewrite': {
				const m = toRegex(s.regex, '')?.exec(uri);
				if (m === null || m === undefined) break;
				const to = expand(s.to, { ...now, captures: m.map((c) => c ?? '') });
				if (s.flag === 'redirect' || s.flag === 'permanent' || /^(https?:\/\/|\$scheme)/.test(to)) {
					return { kind: 'redirect', code: s.flag === 'permanent' ? 301 : 302, to: withArgs(to, args) };
				}
				const [path = '', query] = to.split('?', 2);
				uri = path;
				args = query === undefined ? args : query === '' ? '' : [query, args].filter((a) => a !== '').join('&');
				if (s.flag === 'break') return { kind: 'go', uri, args, again: false };
				again = true;
				if (s.flag === 'last') return { kind: 'go', uri, args, again };
			}
		}
	}
	return { kind: 'go', uri, args, again };
}

function withArgs(to: string, args: string): string {
	if (to.endsWith('?')) return to.slice(0, -1);
	return args === '' ? to : `${to}${to.includes('?') ? '&' : '?'}${args}`;
}

function holds(words: readonly string[], v: Variables, fileExists: (path: string, directory: boolean) => boolean): boolean {
	const [first = '', op, ...rest] = words;
	if (/^!?-[fdex]$/.test(first)) {
		const exists = fileExists(expand(op ?? '', v), first.endsWith('d'));
		return first.startsWith('!') ? !exists : exists;
	}
	const left = expand(first, v);
	if (op === undefined) return left !== '' && left !== '0';
	const right = rest.join(' ');
	if (op === '=' || op === '!=') return (left === expand(right, v)) === (op === '=');
	const m = toRegex(right, op.endsWith('*') ? 'i' : '')?.exec(left);
	if (m !== null && m !== undefined) v.captures.splice(0, v.captures.length, ...m.map((c) => c ?? ''));
	return (m !== null && m !== undefined) !== op.startsWith('!');
}
