/** The MIG manager: brings a node's cards into the layout that its label names. Models mig-parted's deployments/container/reconfigure-mig.sh. */
import { sameData } from '../apiserver/equal.ts';
import { formatTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { layOut } from './mig.ts';
import { wantedLayout } from './mig-parted.ts';
import { gpuModel } from './models.ts';
import { labelNode, syncNode } from './node-sync.ts';
import { MIG_CONFIG_MAP, NAMESPACE } from './operator/workloads.ts';
import { writePartLog } from './part-log.ts';
import { getGpuNode, type GpuCard, type GpuNode, setGpuNode } from './state.ts';
import { deviceClients } from './use.ts';

export const MIG_TIMER = 'gpu.mig';
/** Until a change of the label is noticed, until the clients have stopped, and for a reset beside. */
export const NOTICE_MS = 1000;
const STOP_MS = 18_000;
const RESET_MS = 12_000;

export const CONFIG = 'nvidia.com/mig.config';
export const STATE = 'nvidia.com/mig.config.state';
/** Parts that hold the cards open, by their deploy labels: they step aside while the layout changes. */
const CLIENTS = ['device-plugin', 'gpu-feature-discovery', 'dcgm-exporter', 'dcgm', 'operator-validator'];

export interface MigStep {
	readonly step: 'begin' | 'apply';
}

function clients(value: string): { readonly [label: string]: string } {
	return Object.fromEntries(CLIENTS.map((c) => [`nvidia.com/gpu.deploy.${c}`, value]));
}

function log(world: World, services: Services, node: string, ...lines: readonly string[]): void {
	writePartLog(world, services, 'nvidia-mig-manager', node, lines.map((l) => `${l}\n`).join(''));
}

/** The ConfigMap that ClusterPolicy names for the MIG manager. */
function configText(world: World, services: Services): string | undefined {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const policy = client.get(world, 'nvidia.com/v1/clusterpolicies', undefined, 'cluster-policy');
	const spec = policy?.['spec'] as { readonly migManager?: { readonly config?: { readonly name?: string } | null } } | undefined;
	const name = spec?.migManager?.config?.name ?? '';
	const data = client.get(world, 'v1/configmaps', NAMESPACE, name === '' ? MIG_CONFIG_MAP : name)?.['data'] as { readonly [k: string]: string } | undefined;
	return data?.['config.yaml'];
}

/** Cards as a layout wants them; why it cannot be had. A card that no entry of the layout names stays as it is. */
export function plan(node: GpuNode, text: string, name: string): { readonly cards: readonly GpuCard[] } | { readonly error: string } {
	const model = gpuModel(node.model);
	const wanted = wantedLayout(text, name, model, node.cards.length);
	if ('error' in wanted) return wanted;
	const cards: GpuCard[] = [];
	for (const [i, card] of node.cards.entries()) {
		const spec = wanted.cards[i];
		if (spec === undefined) cards.push(card);
		else if (spec['mig-enabled'] !== true) cards.push({ ...card, mig: false, instances: [] });
		else {
			if (model.profiles.length === 0) return { error: `error setting MIGMode: error enabling MIG mode: Not Supported` };
			const laid = layOut(model, card, spec['mig-devices'] ?? {});
			if ('error' in laid) return { error: `error setting MIGConfig: ${laid.error}` };
			cards.push({ ...card, mig: true, instances: laid.instances });
		}
	}
	return { cards };
}

/** Devices of the card that would be lost and that somebody uses. */
function busy(world: World, card: GpuCard): boolean {
	return [card.uuid, ...card.instances.map((i) => i.uuid)].some((uuid) => deviceClients(world, uuid).length > 0);
}

function fail(world: World, services: Services, node: string, ...why: readonly string[]): void {
	log(
		world,
		services,
		node,
		...why,
		"Changing the 'nvidia.com/mig.config.state' node label to 'failed'",
		'Restarting all GPU clients previously shutdown in Kubernetes by reenabling their component-specific nodeSelector labels',
	);
	labelNode(world, services, node, { [STATE]: 'failed', ...clients('true') });
	syncNode(world, services, node);
}

/** One step for a node; the label names what is wanted at that moment. */
export function migStep(world: World, services: Services, name: string, { step }: MigStep): void {
	const object = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/nodes', undefined, name);
	const node = getGpuNode(world, name);
	const wanted = object?.metadata.labels?.[CONFIG];
	if (node === undefined || wanted === undefined) return;
	const text = configText(world, services);
	const planned =
		text === undefined ? { error: 'error reading config file: open /mig-parted-config/config.yaml: no such file or directory' } : plan(node, text, wanted);
	const stamp = `time="${formatTime(world.now)}"`;
	const broken = 'error' in planned;
	if (step === 'begin') {
		log(
			world,
			services,
			name,
			`${stamp} level=info msg="Updating to MIG config: ${wanted}"`,
			'Asserting that the requested configuration is present in the configuration file',
		);
		if (broken && planned.error.startsWith('error selecting')) {
			fail(world, services, name, `${stamp} level=error msg="${planned.error}"`, 'Unable to validate the selected MIG configuration');
			return;
		}
		log(
			world,
			services,
			name,
			'Selected MIG configuration is valid',
			"Changing the 'nvidia.com/mig.config.state' node label to 'pending'",
			'Shutting down all GPU clients in Kubernetes by disabling their component-specific nodeSelector labels',
		);
		labelNode(world, services, name, { [STATE]: 'pending', ...clients('paused-for-mig-change') });
		const resets = !broken && gpuModel(node.model).migNeedsReset && planned.cards.some((c, i) => c.mig !== node.cards[i]?.mig);
		const next: MigStep = { step: 'apply' };
		world.schedule(MIG_TIMER, name, STOP_MS + (resets ? RESET_MS : 0), next, true);
		return;
	}
	log(world, services, name, 'Applying the selected MIG config to the node');
	if (broken) {
		fail(world, services, name, `${stamp} level=fatal msg="Error applying MIG configuration with hooks: ${planned.error}"`);
		return;
	}
	const used = node.cards.filter((card, i) => !sameData({ ...card }, { ...planned.cards[i] }) && busy(world, card));
	if (used.length > 0) {
		const count = used.length;
		fail(
			world,
			services,
			name,
			'The following GPUs could not be reset:',
			...used.map((c) => `  GPU ${c.bus}: In use by another client`),
			'',
			`${count} device${count === 1 ? ' is' : 's are'} currently being used by one or more other processes (e.g., Fabric Manager, CUDA application, graphics application such as an X server, or a monitoring application such as another instance of nvidia-smi). Please first kill all processes using ${count === 1 ? 'this device' : 'these devices'} and all compute applications running in the system.`,
			`${stamp} level=fatal msg="Error applying MIG configuration with hooks: error resetting all GPUs: exit status 255"`,
		);
		return;
	}
	setGpuNode(world, { ...node, cards: planned.cards });
	log(
		world,
		services,
		name,
		'MIG configuration applied successfully',
		'Restarting all GPU clients previously shutdown in Kubernetes by reenabling their component-specific nodeSelector labels',
		"Changing the 'nvidia.com/mig.config.state' node label to 'success'",
	);
	labelNode(world, services, name, { [STATE]: 'success', ...clients('true') });
	syncNode(world, services, name);
}
