/** Objects that the API server itself keeps about how it serves: flow control, service ranges, the versions of its groups. */
import { AUTO_UPDATE, bootstrapLevels, bootstrapSchemas } from '../apiserver/registry/flowcontrol/bootstrap.ts';
import { localAPIService } from '../apiserver/registry/apiregistration/local.ts';
import type { Strategy } from '../apiserver/types.ts';
import type { BootObject } from './object.ts';

const FLOW_CONTROL = 'flowcontrol.apiserver.k8s.io/v1';

const bootstrap = (resource: string, specs: { readonly [name: string]: object }): readonly BootObject[] =>
	Object.entries(specs).map(([name, spec]) => ({
		path: `${FLOW_CONTROL}/${resource}`,
		object: { metadata: { name, annotations: AUTO_UPDATE }, spec },
	}));

/** Levels before the schemas that refer to them. */
export const flowControlObjects: readonly BootObject[] = [
	...bootstrap('prioritylevelconfigurations', bootstrapLevels),
	...bootstrap('flowschemas', bootstrapSchemas),
];

export const serviceRangeObject = (cidr: string): BootObject => ({
	path: 'networking.k8s.io/v1/servicecidrs',
	object: { metadata: { name: 'kubernetes' }, spec: { cidrs: [cidr] } },
});

const registered = new WeakMap<readonly Strategy[], readonly BootObject[]>();

/** One for each version of a group that is served; the same objects for every world, which share what lies in them. */
export function apiServiceObjects(strategies: readonly Strategy[]): readonly BootObject[] {
	let found = registered.get(strategies);
	if (found === undefined) {
		found = apiServices(strategies);
		registered.set(strategies, found);
	}
	return found;
}

function apiServices(strategies: readonly Strategy[]): readonly BootObject[] {
	const served = new Set(strategies.flatMap((s) => s.versions.map((version) => `${version}.${s.group}`)));
	return [...served].sort().map((name) => {
		const dot = name.indexOf('.');
		return { path: 'apiregistration.k8s.io/v1/apiservices', object: localAPIService(name.slice(dot + 1), name.slice(0, dot), 'onstart') };
	});
}
