/** Keeps the register of who serves which group: custom resources get an APIService of their own (autoregister controller). */
import type { Definition } from '../apiserver/crd/definition.ts';
import { localAPIService, MANAGED_LABEL } from '../apiserver/registry/apiregistration/local.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { Controller } from './controller.ts';

const PATH = 'apiregistration.k8s.io/v1/apiservices';
const DEFINITIONS = 'apiextensions.k8s.io/v1/customresourcedefinitions';

const versionsOf = (object: KubeObject): readonly string[] => {
	const { group, versions } = (object as Definition).spec;
	return versions.map((v) => `${v.name}.${group}`);
};

export const apiServiceRegistration: Controller = {
	name: 'apiservice-registration',
	watches: {
		'apiextensions.k8s.io/customresourcedefinitions': (_world, change) => [
			...new Set([...versionsOf(change.object), ...(change.previous === undefined ? [] : versionsOf(change.previous))]),
		],
		'apiregistration.k8s.io/apiservices': (_world, change) =>
			change.type === 'DELETED' && change.object.metadata.labels?.[MANAGED_LABEL] === 'true' ? [change.object.metadata.name] : [],
	},
	reconcile(world, name, client, queue) {
		const dot = name.indexOf('.');
		const [version, group] = [name.slice(0, dot), name.slice(dot + 1)];
		const wanted = (client.list(world, DEFINITIONS) as readonly Definition[]).some(
			(d) => d.spec.group === group && d.spec.versions.some((v) => v.name === version && v.served),
		);
		const held = client.get(world, PATH, undefined, name);
		if (wanted && held === undefined) {
			if (!client.create(world, PATH, undefined, localAPIService(group, version, 'true')).ok) queue.failed(name);
		} else if (!wanted && held?.metadata.labels?.[MANAGED_LABEL] === 'true') client.delete(world, PATH, undefined, name);
	},
};
