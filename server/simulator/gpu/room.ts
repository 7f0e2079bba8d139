/** The GPU Operator at work: sets itself up at boot, then follows nodes' labels, its policy and its ConfigMaps. Does nothing in clusters without GPUs. */
import type { Change, KubeObject } from '../apiserver/types.ts';
import { treeValues } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { type Room, type Services, SYSTEM_USERS } from '../services.ts';
import { CONFIG, MIG_TIMER, type MigStep, migStep, NOTICE_MS } from './mig-manager.ts';
import { defaultMigConfig } from './mig-parted.ts';
import { syncNode } from './node-sync.ts';
import { clusterPolicy, clusterPolicyDefinition, cudaValidator, MIG_CONFIG_MAP, NAMESPACE, operatorObjects } from './operator/workloads.ts';
import { IDLE_TIMER, podMoved, scaleDown } from './scale-down.ts';
import { interrupt, JOIN_TIMER, nodeJoins, nodeLeaves, podChanged, RECLAIM_TIMER, reclaim, SCALE_TIMER, SPOT_ANNOTATION, scaleUp } from './scaling.ts';
import { getGpuNode, gpuSlice, hasGpus, removeGpuNode, setGpuNode } from './state.ts';

const SYNC_TIMER = 'gpu.sync';
const POLICY_TIMER = 'gpu.policy';
const VALIDATE_TIMER = 'gpu.validate';
const INTERRUPT_TIMER = 'gpu.interrupt';
const POLICIES = 'nvidia.com/v1/clusterpolicies';
/** Until the definition is served; until a plugin that was configured anew has registered again. */
const POLICY_MS = 5000;
const RESTART_MS = 8000;
/** After the driver and the toolkit on a new node. */
const VALIDATE_MS = 12_000;
const CHOICE = 'nvidia.com/device-plugin.config';

function boot(world: World, services: Services): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const create = (path: string, namespace: string | undefined, object: { readonly [field: string]: unknown }): void => {
		const made = client.create(world, path, namespace, object);
		if (!made.ok) throw new Error(`the GPU operator can't be set up: ${path}: ${made.status.message ?? made.status.reason ?? 'refused'}`);
	};
	for (const { path, namespace, object } of operatorObjects()) {
		const { name } = object['metadata'] as { readonly name: string };
		create(path, namespace, name === MIG_CONFIG_MAP ? { ...object, data: { 'config.yaml': defaultMigConfig() } } : object);
	}
	for (const { name } of treeValues(world.read(gpuSlice).nodes)) world.schedule(VALIDATE_TIMER, name, VALIDATE_MS);
	create('apiextensions.k8s.io/v1/customresourcedefinitions', undefined, clusterPolicyDefinition);
	world.schedule(POLICY_TIMER, '', POLICY_MS);
}

/** Creates the policy and says how it stands. */
function policyTimer(world: World, services: Services): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const made = client.create(world, POLICIES, undefined, clusterPolicy);
	if (!made.ok) return;
	client.updateStatus(world, POLICIES, {
		...made.value,
		status: {
			state: 'ready',
			namespace: NAMESPACE,
			conditions: [
				{ type: 'Ready', status: 'True', reason: 'Reconciled', message: 'ClusterPolicy is ready as all resources have been successfully reconciled' },
				{ type: 'Error', status: 'False', reason: 'Ready', message: '' },
			],
		},
	});
}

function nodeChanged(world: World, { type, object, previous }: Change): void {
	const { name } = object.metadata;
	if (getGpuNode(world, name) === undefined) return;
	if (type === 'DELETED') {
		nodeLeaves(world, name);
		removeGpuNode(world, name);
		return;
	}
	if (previous === undefined) return;
	const differs = (of: (o: KubeObject) => string | undefined): boolean => of(object) !== of(previous);
	if (differs((o) => o.metadata.labels?.[CONFIG]) && object.metadata.labels?.[CONFIG] !== undefined) {
		const first: MigStep = { step: 'begin' };
		world.schedule(MIG_TIMER, name, NOTICE_MS, first, true);
	}
	if (differs((o) => o.metadata.labels?.[CHOICE])) world.schedule(SYNC_TIMER, name, RESTART_MS, undefined, true);
	if (previous.metadata.annotations?.[SPOT_ANNOTATION] === undefined && object.metadata.annotations?.[SPOT_ANNOTATION] !== undefined) {
		world.schedule(INTERRUPT_TIMER, name, 0);
	}
}

/** A plugin that starts anew lists the cards as they are by then, and takes for well what its predecessor had given up. */
function pluginStopped(world: World, { metadata, spec }: KubeObject): void {
	if (metadata.namespace !== NAMESPACE || metadata.labels?.['app'] !== 'nvidia-device-plugin-daemonset') return;
	const node = getGpuNode(world, (spec as { readonly nodeName?: string }).nodeName ?? '');
	if (node === undefined) return;
	if (node.cards.some((c) => c.unhealthy === true)) setGpuNode(world, { ...node, cards: node.cards.map(({ unhealthy: _gone, ...card }) => card) });
	world.schedule(SYNC_TIMER, node.name, RESTART_MS, undefined, true);
}

/** The configuration of all plugins may have changed. */
function syncAll(world: World): void {
	for (const { name } of treeValues(world.read(gpuSlice).nodes)) world.schedule(SYNC_TIMER, name, RESTART_MS, undefined, true);
}

export function gpuRoom(services: Services): Room {
	return {
		boot(world) {
			if (hasGpus(world)) boot(world, services);
		},
		onChange(world, change) {
			if (!hasGpus(world)) return;
			if (change.group === '' && change.resource === 'nodes') nodeChanged(world, change);
			else if (change.group === '' && change.resource === 'pods') {
				podChanged(world, change);
				podMoved(world, change);
				if (change.type === 'DELETED') pluginStopped(world, change.object);
			} else if (change.group === '' && change.resource === 'configmaps' && change.object.metadata.namespace === NAMESPACE) syncAll(world);
			else if (change.group === 'nvidia.com' && change.resource === 'clusterpolicies') syncAll(world);
		},
		timers: {
			[SYNC_TIMER]: (world, node) => syncNode(world, services, node),
			[POLICY_TIMER]: (world) => policyTimer(world, services),
			[MIG_TIMER]: (world, node, data) => migStep(world, services, node, data as MigStep),
			[SCALE_TIMER]: (world, pod) => scaleUp(world, services, pod),
			[JOIN_TIMER](world, node, data) {
				nodeJoins(world, services, node, String(data));
				world.schedule(VALIDATE_TIMER, node, VALIDATE_MS);
				world.schedule(IDLE_TIMER, node, VALIDATE_MS);
			},
			[IDLE_TIMER]: (world, node) => scaleDown(world, services, node),
			[VALIDATE_TIMER]: (world, node) => void services.api.client(SYSTEM_USERS.loopback).create(world, 'v1/pods', NAMESPACE, cudaValidator(node)),
			[RECLAIM_TIMER]: (world, node) => reclaim(world, services, node),
			[INTERRUPT_TIMER]: (world, name) => {
				const node = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/nodes', undefined, name);
				if (node !== undefined) interrupt(world, services, node);
			},
		},
	};
}
