/** Says of each flow schema whether its priority level is there (apiserver/pkg/util/flowcontrol/apf_controller.go). Nothing is ever throttled here. */
import { danglingCondition } from '../apiserver/registry/flowcontrol/flowschemas.ts';
import type { Controller } from './controller.ts';
import type { Condition } from './shared/objects.ts';

const SCHEMAS = 'flowcontrol.apiserver.k8s.io/v1/flowschemas';

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
