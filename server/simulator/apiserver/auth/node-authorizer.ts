/**
 * The node authorizer: a kubelet reads the secrets, config maps and volumes that pods on its own node name, and no others.
 * `plugin/pkg/auth/authorizer/node`; relations are looked up among the node's pods in place of a graph.
 */
import type { World } from '../../kernel/world.ts';
import { type Fields, isRecord, rec, recs, specOf, str } from '../registry/fields.ts';
import { clusterroles } from '../registry/rbac/roles.ts';
import { byIndex, getObject, objectKey } from '../registry/store.ts';
import type { KubeObject, Strategy, UserInfo } from '../types.ts';
import type { Attributes, Decision } from './authorizer.ts';
import { ruleAllows } from './rbac.ts';

const PODS = { group: '', resource: 'pods' } as Strategy;
const CLAIMS = { group: '', resource: 'persistentvolumeclaims' } as Strategy;
const PREFIX = 'system:node:';

/** The node that a user is; undefined for other users, '' for a node without a name (`nodeidentifier`). */
export function nodeOf(user: UserInfo): string | undefined {
	return user.name.startsWith(PREFIX) && user.groups.includes('system:nodes') ? user.name.slice(PREFIX.length) : undefined;
}

const no = (reason: string): Decision => ({ allowed: false, reason });
const YES: Decision = { allowed: true, reason: '' };

/** Names of secrets or config maps that a pod's containers take variables from. */
function fromEnv(spec: Fields, ref: 'secret' | 'configMap'): readonly string[] {
	const all = [...recs(spec.containers), ...recs(spec.initContainers), ...recs(spec.ephemeralContainers)];
	return all.flatMap((c) => [
		...recs(c.env).map((e) => str(rec(rec(e.valueFrom)[`${ref}KeyRef`]).name)),
		...recs(c.envFrom).map((e) => str(rec(e[`${ref}Ref`]).name)),
	]);
}

function secretsOf(spec: Fields): readonly string[] {
	const volumes = recs(spec.volumes).flatMap((v) => [
		str(rec(v.secret).secretName),
		...recs(rec(v.projected).sources).map((s) => str(rec(s.secret).name)),
		str(rec(rec(v.csi).nodePublishSecretRef).name),
	]);
	return [...volumes, ...fromEnv(spec, 'secret'), ...recs(spec.imagePullSecrets).map((s) => str(s.name))];
}

function configMapsOf(spec: Fields): readonly string[] {
	const volumes = recs(spec.volumes).flatMap((v) => [str(rec(v.configMap).name), ...recs(rec(v.projected).sources).map((s) => str(rec(s.configMap).name))]);
	return [...volumes, ...fromEnv(spec, 'configMap')];
}

const claimsOf = (pod: KubeObject): readonly string[] =>
	recs(specOf(pod).volumes).flatMap((v) => {
		const name = str(rec(v.persistentVolumeClaim).claimName) || (isRecord(v.ephemeral) ? `${pod.metadata.name}-${str(v.name)}` : '');
		return name === '' ? [] : [name];
	});

function volumesOf(world: World, pod: KubeObject): readonly string[] {
	return claimsOf(pod).map((name) => str(specOf(getObject(world, CLAIMS, objectKey(pod.metadata.namespace, name)) ?? ({} as KubeObject)).volumeName));
}

/** What a pod names of each kind. */
const NAMED: { readonly [resource: string]: (world: World, pod: KubeObject) => readonly string[] } = {
	secrets: (_world, pod) => secretsOf(specOf(pod)),
	configmaps: (_world, pod) => configMapsOf(specOf(pod)),
	persistentvolumeclaims: (_world, pod) => claimsOf(pod),
	persistentvolumes: volumesOf,
	serviceaccounts: (_world, pod) => [str(specOf(pod).serviceAccountName)],
};

function related(world: World, node: string, { resource = '', namespace, name = '' }: Attributes): Decision {
	if (name === '') return no('No Object name found');
	const named = NAMED[resource];
	const found = byIndex(world, PODS, 'byNode', node).some(
		(pod) => (resource === 'persistentvolumes' || pod.metadata.namespace === namespace) && named?.(world, pod).includes(name) === true,
	);
	return found ? YES : no(`no relationship found between node '${node}' and this object`);
}

function readNamespaced(world: World, node: string, asked: Attributes): Decision {
	if (!['get', 'list', 'watch'].includes(asked.verb)) return no('can only read resources of this type');
	if ((asked.subresource ?? '') !== '') return no('cannot read subresource');
	if ((asked.namespace ?? '') === '') return no('can only read namespaced object of this type');
	return related(world, node, asked);
}

function readOne(world: World, node: string, asked: Attributes): Decision {
	if (asked.verb !== 'get') return no('can only get individual resources of this type');
	if ((asked.subresource ?? '') !== '') return no('cannot get subresource');
	return related(world, node, asked);
}

function lease(node: string, { verb, namespace, name }: Attributes): Decision {
	if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) return no('can only get, create, update, patch, or delete a node lease');
	if (namespace !== 'kube-node-lease') return no('can only access leases in the "kube-node-lease" system namespace');
	return verb === 'create' || name === node ? YES : no('can only access node lease with the same name as the requesting node');
}

function token(world: World, node: string, asked: Attributes): Decision {
	if (asked.subresource !== 'token' || asked.verb !== 'create') return no('can only create tokens for individual service accounts');
	return related(world, node, asked);
}

function status(world: World, node: string, asked: Attributes): Decision {
	return ['update', 'patch'].includes(asked.verb) ? related(world, node, asked) : no('can only get/update/patch this type');
}

/** What the node authorizer says; undefined where the user is no node. */
export function authorizeNode(world: World, asked: Attributes): Decision | undefined {
	const node = nodeOf(asked.user);
	if (node === undefined) return undefined;
	if (node === '') return no(`unknown node for user ${JSON.stringify(asked.user.name)}`);
	switch (asked.resource === undefined ? '' : `${asked.group}/${asked.resource}`) {
		case '/secrets':
		case '/configmaps':
			return readNamespaced(world, node, asked);
		case '/persistentvolumeclaims':
			return asked.subresource === 'status' ? status(world, node, asked) : readOne(world, node, asked);
		case '/persistentvolumes':
			return readOne(world, node, asked);
		case '/serviceaccounts':
			return token(world, node, asked);
		case 'coordination.k8s.io/leases':
			return lease(node, asked);
	}
	const rules = recs(getObject(world, clusterroles, 'system:node')?.rules);
	return rules.some((rule) => ruleAllows(rule, asked)) ? YES : no('');
}
