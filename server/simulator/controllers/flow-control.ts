/** Says of each flow schema whether its priority level is there (apiserver/pkg/util/flowcontrol/apf_controller.go). Nothing is ever throttled here. */
import { AUTO_UPDATE, bootstrapLevels, bootstrapSchemas } from '../apiserver/registry/flowcontrol/bootstrap.ts';
import { danglingCondition } from '../apiserver/registry/flowcontrol/flowschemas.ts';
import type { Change } from '../apiserver/types.ts';
import type { Controller } from './controller.ts';
import type { Condition } from './shared/objects.ts';

const SCHEMAS = 'flowcontrol.apiserver.k8s.io/v1/flowschemas';

const LEVELS = 'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations';

/** Up to a minute passes until the server looks after its own objects again (`--flowcontrol` configuration producer). */
const RESTORED_AFTER_MS = 30_000;

/** Brings back what every API server has: mandatory and suggested objects (pkg/registry/flowcontrol/ensurer). */
export const flowControlDefaults: Controller = {
	name: 'flow-control-defaults',
	latencyMs: RESTORED_AFTER_MS,
	watches: {
		'flowcontrol.apiserver.k8s.io/flowschemas': (_world, change) => missing(change, bootstrapSchemas, SCHEMAS),
		'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': (_world, change) => missing(change, bootstrapLevels, LEVELS),
	},
	reconcile(world, key, client, queue) {
		const slash = key.lastIndexOf('/');
		const [path, name] = [key.slice(0, slash), key.slice(slash + 1)];
		if (client.get(world, path, undefined, name) !== undefined) return;
		const spec = (path === SCHEMAS ? bootstrapSchemas : bootstrapLevels)[name];
		if (!client.create(world, path, undefined, { metadata: { name, annotations: AUTO_UPDATE }, spec }).ok) queue.failed(key);
	},
};

const missing = (change: Change, own: { readonly [name: string]: unknown }, path: string): readonly string[] =>
	change.type === 'DELETED' && own[change.object.metadata.name] !== undefined ? [`${path}/${change.object.metadata.name}`] : [];

export const flowControl: Controller = {
	name: 'flow-control',
	watches: {
		'flowcontrol.apiserver.k8s.io/flowschemas': (_world, change) => (change.type === 'MODIFIED' ? [change.object.metadata.name] : []),
		'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': (world, change, client) =>
			change.type === 'MODIFIED' ? [] : client.byIndex(world, SCHEMAS, 'byLevel', change.object.metadata.name).map((s) => s.metadata.name),
	},
	reconcile(world, name, client, queue) {
		const schema = client.get(world, SCHEMAS, undefined, name);
		if (schema === undefined) return;
		const held = (schema['status'] as { readonly conditions?: readonly Condition[] } | undefined)?.conditions?.find((c) => c.type === 'Dangling');
		const now = danglingCondition(world, schema);
		if (held?.status === now.status && held?.message === now.message) return;
		if (!client.updateStatus(world, SCHEMAS, { ...schema, status: { conditions: [now] } }).ok) queue.failed(name);
	},
};
