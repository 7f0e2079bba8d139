/** What an extension server's APIResourceList becomes in aggregated discovery (`ConvertToDiscoveryAPIGroup`'s way back). */
import type { Extension } from '../aggregator/extensions.ts';
import { type Fields, str, strs } from '../registry/fields.ts';

function kindOf(line: Fields, { group, version }: Extension): object {
	return { group: str(line.group) || group, version: str(line.version) || version, kind: str(line.kind) };
}

/** Resources with their subresources below them; a line like `pods/x` whose resource has none of its own makes one (custom metrics). */
export function aggregatedLines(extension: Extension): readonly object[] {
	const own = extension.resources.filter((line) => !str(line.name).includes('/'));
	const names = new Set(own.map((line) => str(line.name)));
	const parts = new Map<string, object[]>();
	for (const line of extension.resources) {
		const [resource = '', ...rest] = str(line.name).split('/');
		if (rest.length === 0) continue;
		const part = { subresource: rest.join('/'), responseKind: kindOf(line, extension), verbs: strs(line.verbs) };
		parts.set(resource, [...(parts.get(resource) ?? []), part]);
	}
	const orphans = [...parts.keys()]
		.filter((name) => !names.has(name))
		.map((resource) => {
			const namespaced = extension.resources.some((l) => str(l.name).startsWith(`${resource}/`) && l.namespaced === true);
			return { resource, responseKind: {}, scope: namespaced ? 'Namespaced' : 'Cluster', singularResource: '', verbs: [], subresources: parts.get(resource) };
		});
	const resources = own.map((line) => {
		const resource = str(line.name);
		const { shortNames, categories } = line;
		return {
			resource,
			responseKind: kindOf(line, extension),
			scope: line.namespaced === true ? 'Namespaced' : 'Cluster',
			singularResource: str(line.singularName),
			verbs: strs(line.verbs),
			...(strs(shortNames).length > 0 ? { shortNames } : {}),
			...(strs(categories).length > 0 ? { categories } : {}),
			...(parts.has(resource) ? { subresources: parts.get(resource) } : {}),
		};
	});
	return [...resources, ...orphans];
}
