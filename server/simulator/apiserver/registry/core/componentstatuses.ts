/** Deprecated look at the control plane's health: `pkg/registry/core/componentstatus`. Computed when asked for, never stored. */
import type { World } from '../../../kernel/world.ts';
import { notFound } from '../../errors.ts';
import type { ApiCall, ApiResult, KubeObject, ObjectMeta } from '../../types.ts';
import { isFull } from '../../profile.ts';
import { defineResource } from '../define.ts';
import { type Fields, recs, str } from '../fields.ts';
import { table } from '../table.ts';

const NAMES = ['controller-manager', 'scheduler', 'etcd-0'];

/** Where kube-apiserver looks for the scheduler (`componentStatusStorage`). */
const SCHEDULER = 'https://127.0.0.1:10259/healthz';

/** A bare API server has no scheduler beside it. */
function condition(world: World, name: string): Fields {
	if (name !== 'scheduler' || isFull(world)) return { type: 'Healthy', status: 'True', message: 'ok' };
	return { type: 'Healthy', status: 'False', message: `Get "${SCHEDULER}": dial tcp 127.0.0.1:10259: connect: connection refused` };
}

const component = (world: World, name: string): KubeObject => ({
	kind: 'ComponentStatus',
	apiVersion: 'v1',
	metadata: { name, creationTimestamp: null } as unknown as ObjectMeta,
	conditions: [condition(world, name)],
});

function read(world: World, call: ApiCall): ApiResult {
	if (call.verb === 'get') {
		const { name = '' } = call;
		if (!NAMES.includes(name)) throw notFound({ group: '', resource: 'componentstatuses' }, name);
		return { code: 200, body: component(world, name) };
	}
	return { code: 200, body: { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items: NAMES.map((name) => component(world, name)) } };
}

export const componentstatuses = defineResource({
	group: '',
	resource: 'componentstatuses',
	kind: 'ComponentStatus',
	shortNames: ['cs'],
	namespaced: false,
	virtualRead: read,
	table: table(['Name', 'Status', 'Message', 'Error'], (_world, object) => {
		const healthy = recs(object.conditions).find((c) => c.type === 'Healthy');
		const status = healthy === undefined ? 'Unknown' : healthy.status === 'True' ? 'Healthy' : 'Unhealthy';
		return [object.metadata.name, status, str(healthy?.message), str(healthy?.error)];
	}),
});
