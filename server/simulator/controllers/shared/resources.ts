import type { Strategy } from '../../apiserver/types.ts';

/** The client's path of a resource in its preferred version: `v1/pods`, `apps/v1/deployments`. */
export function pathOf(s: Pick<Strategy, 'group' | 'versions' | 'resource'>): string {
	const version = s.versions[0] ?? 'v1';
	return s.group === '' ? `${version}/${s.resource}` : `${s.group}/${version}/${s.resource}`;
}
