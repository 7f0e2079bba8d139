import { type Fields, recs, rec, str } from '../../registry/fields.ts';

/** A check's complaint: a short reason, and the particulars that stand in brackets behind it. */
export interface Finding {
	readonly reason: string;
	readonly detail: string;
}

export const plural = (one: string, many: string, n: number): string => (n === 1 ? one : many);

/** `"a", "b"` */
export const quoted = (texts: readonly string[]): string => texts.map((t) => JSON.stringify(t)).join(', ');

export const sorted = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].sort();

/** `container "a"`, `containers "a", "b"`. */
export const containersText = (names: readonly string[]): string => `${plural('container', 'containers', names.length)} ${quoted(names)}`;

/** Init containers first, as podutil visits them. */
export function allContainers(spec: Fields): readonly Fields[] {
	return [...recs(spec.initContainers), ...recs(spec.containers), ...recs(spec.ephemeralContainers)];
}

export const securityOf = (owner: Fields): Fields => rec(owner.securityContext);

/** Names of the containers for which `bad` holds. */
export function namesWhere(spec: Fields, bad: (container: Fields) => boolean): readonly string[] {
	return allContainers(spec)
		.filter(bad)
		.map((c) => str(c.name));
}

/** `pod and containers "a", "b"`: who set something that may not be. */
export function settersText(pod: boolean, containers: readonly string[]): string {
	return [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [containersText(containers)] : [])].join(' and ');
}

export const isWindows = (spec: Fields): boolean => rec(spec.os).name === 'windows';
