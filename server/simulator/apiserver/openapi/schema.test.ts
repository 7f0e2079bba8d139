import * as models from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { kindType, namedType, type StructType, type Type } from './schema.ts';

interface Attribute {
	readonly baseName: string;
	readonly type: string;
	readonly format: string;
}

/** The official client's model of one of our types; their names put the group in front where two share a name. */
function modelOf(id: string): readonly Attribute[] | undefined {
	const [pkg = '', name = ''] = id.split('.');
	const [group = '', version = ''] = pkg.split('/');
	const V = version.toUpperCase();
	const G = `${group.charAt(0).toUpperCase()}${group.slice(1)}`;
	const all = models as unknown as { readonly [name: string]: { readonly getAttributeTypeMap?: () => readonly Attribute[] } };
	const model = all[`${G}${V}${name}`] ?? all[`${V}${name}`];
	return model?.getAttributeTypeMap?.();
}

function types(root: Type, seen: Map<string, StructType>): void {
	if (root.kind === 'list' || root.kind === 'map') types(root.of, seen);
	if (root.kind !== 'struct' || seen.has(root.id)) return;
	seen.set(root.id, root);
	for (const field of root.fields.values()) types(field.type, seen);
}

const KINDS: readonly (readonly [string, string, string])[] = [
	['', 'v1', 'Pod'],
	['', 'v1', 'Service'],
	['', 'v1', 'Node'],
	['', 'v1', 'PersistentVolume'],
	['', 'v1', 'PersistentVolumeClaim'],
	['', 'v1', 'Secret'],
	['', 'v1', 'ConfigMap'],
	['', 'v1', 'Namespace'],
	['', 'v1', 'ServiceAccount'],
	['', 'v1', 'LimitRange'],
	['', 'v1', 'ResourceQuota'],
	['apps', 'v1', 'Deployment'],
	['apps', 'v1', 'StatefulSet'],
	['apps', 'v1', 'DaemonSet'],
	['apps', 'v1', 'ReplicaSet'],
	['batch', 'v1', 'CronJob'],
	['networking.k8s.io', 'v1', 'Ingress'],
	['networking.k8s.io', 'v1', 'NetworkPolicy'],
	['policy', 'v1', 'PodDisruptionBudget'],
	['rbac.authorization.k8s.io', 'v1', 'ClusterRole'],
	['rbac.authorization.k8s.io', 'v1', 'RoleBinding'],
	['storage.k8s.io', 'v1', 'StorageClass'],
	['autoscaling', 'v2', 'HorizontalPodAutoscaler'],
	['discovery.k8s.io', 'v1', 'EndpointSlice'],
	['coordination.k8s.io', 'v1', 'Lease'],
	['scheduling.k8s.io', 'v1', 'PriorityClass'],
];

describe('the type table', () => {
	it('has every field that the official client knows of, and no other', () => {
		const seen = new Map<string, StructType>();
		for (const [group, version, kind] of KINDS) {
			const type = kindType(group, version, kind);
			if (type === undefined) throw new Error(`no type for ${kind}`);
			types(type, seen);
		}
		let compared = 0;
		for (const [id, type] of seen) {
			const model = modelOf(id);
			if (model === undefined) continue;
			compared++;
			expect({ id, fields: [...type.fields.keys()].sort() }).toEqual({ id, fields: model.map((a) => a.baseName).sort() });
		}
		expect(compared).toBeGreaterThan(150);
		expect(compared / seen.size).toBeGreaterThan(0.9);
	});

	it('knows merge keys, map keys and pointers', () => {
		const spec = namedType('core/v1.PodSpec');
		const container = namedType('core/v1.Container');
		if (spec.kind !== 'struct' || container.kind !== 'struct') throw new Error('no structs');
		expect(spec.fields.get('volumes')).toMatchObject({ mergeKey: 'name', retainKeys: true, listKeys: ['name'], number: 1 });
		expect(container.fields.get('ports')).toMatchObject({ mergeKey: 'containerPort', listKeys: ['containerPort', 'protocol'] });
		expect(spec.fields.get('terminationGracePeriodSeconds')).toMatchObject({ pointer: true, type: { kind: 'int64' } });
		expect(spec.fields.get('tolerations')?.mergeKey).toBeUndefined();
	});
});
