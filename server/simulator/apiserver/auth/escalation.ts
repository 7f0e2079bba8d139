/** Nobody gives away what they don't have: ConfirmNoEscalation and Covers of `pkg/registry/rbac/validation`. */
import type { World } from '../../kernel/world.ts';
import { type Fields, strs } from '../registry/fields.ts';
import type { UserInfo } from '../types.ts';
import { visitRules } from './rbac.ts';

/** A rule about one verb on one thing. */
interface Piece {
	readonly verb: string;
	readonly group?: string;
	readonly resource?: string;
	readonly name?: string;
	readonly url?: string;
}

function pieces(rule: Fields): readonly Piece[] {
	const out: Piece[] = [];
	for (const verb of strs(rule.verbs)) {
		for (const url of strs(rule.nonResourceURLs)) out.push({ verb, url });
		for (const group of strs(rule.apiGroups)) {
			for (const resource of strs(rule.resources)) {
				const names = strs(rule.resourceNames);
				if (names.length === 0) out.push({ verb, group, resource });
				for (const name of names) out.push({ verb, group, resource, name });
			}
		}
	}
	return out;
}

const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);

function coversPiece(rule: Fields, piece: Piece): boolean {
	if (!has(strs(rule.verbs), piece.verb)) return false;
	if (piece.url !== undefined) {
		const { url } = piece;
		return strs(rule.nonResourceURLs).some((own) => own === '*' || own === url || (own.endsWith('*') && url.startsWith(own.slice(0, -1))));
	}
	const resource = piece.resource ?? '';
	const slash = resource.indexOf('/');
	const anyOfIts = slash < 0 ? [] : [`*${resource.slice(slash)}`];
	const named = strs(rule.resourceNames);
	return (
		has(strs(rule.apiGroups), piece.group ?? '') &&
		[resource, ...anyOfIts, '*'].some((r) => strs(rule.resources).includes(r)) &&
		(named.length === 0 || (piece.name !== undefined && named.includes(piece.name)))
	);
}

const goList = (texts: readonly string[]): string => `[${texts.map((t) => JSON.stringify(t)).join(' ')}]`;

function describe(piece: Piece, verbs: readonly string[]): string {
	const parts = [
		...(piece.group === undefined ? [] : [`APIGroups:${goList([piece.group])}`]),
		...(piece.resource === undefined ? [] : [`Resources:${goList([piece.resource])}`]),
		...(piece.url === undefined ? [] : [`NonResourceURLs:${goList([piece.url])}`]),
		...(piece.name === undefined ? [] : [`ResourceNames:${goList([piece.name])}`]),
		`Verbs:${goList(verbs)}`,
	];
	return `{${parts.join(', ')}}`;
}

/**
 * Why `user` may not grant `rules` in `namespace` (cluster-wide where undefined): a text that names what they lack,
 * or undefined where they hold all of it.
 */
export function escalation(world: World, user: UserInfo, namespace: string | undefined, rules: readonly Fields[]): string | undefined {
	if (user.groups.includes('system:masters')) return undefined;
	const held: Fields[] = [];
	visitRules(world, user, namespace, ({ rule }) => {
		held.push(rule);
		return false;
	});
	const missing = new Map<string, { readonly piece: Piece; readonly verbs: string[] }>();
	for (const piece of rules.flatMap(pieces)) {
		if (held.some((rule) => coversPiece(rule, piece))) continue;
		const { verb, ...what } = piece;
		const key = JSON.stringify(what);
		const found = missing.get(key);
		if (found === undefined) missing.set(key, { piece, verbs: [verb] });
		else if (!found.verbs.includes(verb)) found.verbs.push(verb);
	}
	if (missing.size === 0) return undefined;
	const lines = [...missing.values()].map(({ piece, verbs }) => describe(piece, verbs)).sort();
	return `user ${JSON.stringify(user.name)} (groups=${goList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}`;
}
