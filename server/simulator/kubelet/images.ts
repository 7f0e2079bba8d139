/** Images on nodes: what is there, pulls in virtual time, back-off after failures. Models kubelet/images/image_manager.go. */
import { treeGet, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { goDuration, podEvent } from './events.ts';
import type { Host } from './host.ts';
import { resolveImage } from './image-source.ts';
import type { Container, Pod } from './pod.ts';
import { changeContainer, type ContainerRecord, getContainer, getNode, type NodeRecord, setContainer, setNode } from './state.ts';

export const PULL_TIMER = 'kubelet.pull';
/** A registry's answer to the first question, and the line to it. */
const RESOLVE_MS = 350;
const BYTES_PER_MS = 60_000;
const FIRST_BACKOFF_MS = 10_000;
const LAST_BACKOFF_MS = 300_000;
/** The worker looks again about so long after a failure: `ErrImagePull` turns into `ImagePullBackOff` then. */
const IMAGE_RESYNC_MS = 12_000;

export type ImageAnswer =
	| { readonly is: 'present' }
	/** The container waits; where `again` is set, look again after so many ms. */
	| { readonly is: 'waiting'; readonly reason: string; readonly message?: string; readonly again?: number };

interface PullData {
	readonly namespace: string;
	readonly pod: string;
	readonly key: string;
	readonly reference: string;
	readonly node: string;
	/** Ms the pull itself takes. */
	readonly ms: number;
}

/** `Always` for images without a tag or with `latest`, as the API server's defaults say; it fills the field in as a rule. */
function policyOf(container: Container): string {
	if (container.imagePullPolicy !== undefined) return container.imagePullPolicy;
	return /:latest$/.test(container.image) || !/:[^/]+$/.test(container.image) ? 'Always' : 'IfNotPresent';
}

function present(node: NodeRecord, reference: string): { readonly imageID: string } | undefined {
	return treeGet(node.images, reference);
}

/** Is the image ready for a start? Begins a pull where it must, once. */
export function ensureImage(world: World, host: Host, pod: Pod, container: Container, record: ContainerRecord): ImageAnswer {
	const node = getNode(world, pod.spec.nodeName ?? '');
	if (node === undefined) return { is: 'waiting', reason: 'ContainerCreating' };
	const reference = container.image;
	if (record.pulled === true) {
		changeContainer(world, record.key, { pulled: false });
		return { is: 'present' };
	}
	if (record.pulling !== undefined) return { is: 'waiting', reason: 'ContainerCreating' };
	const policy = policyOf(container);
	const here = present(node, reference);
	if (here !== undefined && policy !== 'Always') {
		podEvent(world, host.services, pod, 'Normal', 'Pulled', `Container image "${reference}" already present on machine and can be accessed by the pod`, record);
		changeContainer(world, record.key, { imageID: here.imageID });
		return { is: 'present' };
	}
	if (policy === 'Never') {
		const message = `Container image "${reference}" is not present with pull policy of Never`;
		podEvent(world, host.services, pod, 'Warning', 'ErrImageNeverPull', message, record);
		podEvent(world, host.services, pod, 'Warning', 'Failed', 'Error: ErrImageNeverPull', record);
		return { is: 'waiting', reason: 'ErrImageNeverPull', message, again: IMAGE_RESYNC_MS };
	}
	const backoff = record.pullBackoff;
	if (backoff !== undefined && world.now < backoff.setAt + backoff.delayMs) return backingOff(world, host, pod, container, record);
	const shared = treeGet(node.pullFailures, reference);
	if (record.waitsForPull !== undefined && shared !== undefined && shared.at >= record.waitsForPull)
		return sharedFailure(world, host, pod, container, record, shared.error);
	const underway = treeGet(node.pulls, reference);
	if (underway !== undefined) {
		if (record.waitsForPull === undefined) changeContainer(world, record.key, { waitsForPull: world.now });
		return { is: 'waiting', reason: 'ContainerCreating', again: Math.max(1, underway - world.now + 1) };
	}
	return beginPull(world, host, pod, record, node, reference, here !== undefined);
}

/** Another pod's pull, for which this one waited, has failed: asking again at once would only fail again. */
function sharedFailure(world: World, host: Host, pod: Pod, container: Container, record: ContainerRecord, error: string): ImageAnswer {
	podEvent(world, host.services, pod, 'Normal', 'Pulling', `Pulling image "${container.image}"`, record);
	const { waitsForPull: _waited, ...rest } = record;
	pullFailed(world, host, pod, rest, container.image, error);
	return { is: 'waiting', reason: 'ErrImagePull', message: error, again: IMAGE_RESYNC_MS };
}

function pullFailed(world: World, host: Host, pod: Pod, record: ContainerRecord, reference: string, error: string): void {
	podEvent(world, host.services, pod, 'Warning', 'Failed', `Failed to pull image "${reference}": ${error}`, record);
	podEvent(world, host.services, pod, 'Warning', 'Failed', 'Error: ErrImagePull', record);
	const delayMs = record.pullBackoff === undefined ? FIRST_BACKOFF_MS + IMAGE_RESYNC_MS : Math.min(LAST_BACKOFF_MS, record.pullBackoff.delayMs * 2);
	changeWhole(world, { ...record, state: { phase: 'waiting', reason: 'ErrImagePull', message: error }, pullBackoff: { delayMs, setAt: world.now, error } });
}

function backingOff(world: World, host: Host, pod: Pod, container: Container, record: ContainerRecord): ImageAnswer {
	const { pullBackoff } = record;
	if (pullBackoff === undefined) return { is: 'waiting', reason: 'ContainerCreating' };
	const again = pullBackoff.setAt + pullBackoff.delayMs - world.now;
	const justFailed = record.state.phase === 'waiting' && record.state.reason === 'ErrImagePull';
	if (justFailed && world.now < pullBackoff.setAt + IMAGE_RESYNC_MS) {
		const { message } = record.state.phase === 'waiting' ? record.state : { message: undefined };
		return { is: 'waiting', reason: 'ErrImagePull', ...(message === undefined ? {} : { message }), again: pullBackoff.setAt + IMAGE_RESYNC_MS - world.now };
	}
	if (justFailed) {
		podEvent(world, host.services, pod, 'Normal', 'BackOff', `Back-off pulling image "${container.image}"`, record);
		podEvent(world, host.services, pod, 'Warning', 'Failed', 'Error: ImagePullBackOff', record);
	}
	return { is: 'waiting', reason: 'ImagePullBackOff', message: `Back-off pulling image "${container.image}": ErrImagePull: ${pullBackoff.error}`, again };
}

function beginPull(world: World, host: Host, pod: Pod, record: ContainerRecord, node: NodeRecord, reference: string, cached: boolean): ImageAnswer {
	if (/[A-Z\s]/.test(reference.split(/[:@]/)[0]?.replace(/^[^/]*[.:][^/]*\//, '') ?? '') || reference === '') {
		const message = `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": invalid reference format: repository name must be lowercase`;
		podEvent(world, host.services, pod, 'Warning', 'InspectFailed', message, record);
		podEvent(world, host.services, pod, 'Warning', 'Failed', 'Error: InvalidImageName', record);
		return { is: 'waiting', reason: 'InvalidImageName', message, again: IMAGE_RESYNC_MS };
	}
	podEvent(world, host.services, pod, 'Normal', 'Pulling', `Pulling image "${reference}"`, record);
	const found = resolveImage(host.services, reference);
	const ms = Math.round(RESOLVE_MS + world.random() * 400 + ('image' in found && !cached ? found.image.sizeBytes / BYTES_PER_MS : 0));
	const start = Math.max(world.now, node.pullsBusyUntil);
	setNode(world, { ...node, pullsBusyUntil: start + ms, pulls: treeSet(node.pulls, reference, start + ms) });
	changeContainer(world, record.key, { pulling: world.now });
	const data: PullData = { namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name, key: record.key, reference, node: node.name, ms };
	world.schedule(PULL_TIMER, record.key, start + ms - world.now, data, true);
	return { is: 'waiting', reason: 'ContainerCreating' };
}

/** How gRPC's status codes show in the kubelet's message: Unknown is left out. */
function pullError(text: string): string {
	return text.endsWith(': not found') ? `rpc error: code = NotFound desc = ${text}` : text;
}

/** A pull has come to its end. The container's pod looks again afterwards. */
export function finishPull(world: World, host: Host, pod: Pod | undefined, data: unknown): void {
	const { key, reference, node: nodeName, ms } = data as PullData;
	const node = getNode(world, nodeName);
	const record = getContainer(world, key);
	const found = resolveImage(host.services, reference);
	if (node !== undefined) {
		const images =
			'image' in found
				? treeSet(node.images, reference, { imageID: found.imageID, normalised: found.normalised, sizeBytes: found.image.sizeBytes })
				: node.images;
		const pullFailures = 'error' in found ? treeSet(node.pullFailures, reference, { at: world.now, error: pullError(found.error) }) : node.pullFailures;
		setNode(world, { ...node, images, pulls: treeRemove(node.pulls, reference), pullFailures });
	}
	if (record === undefined) return;
	const { pulling, pullBackoff, waitsForPull: _waited, ...rest } = record;
	if (pod === undefined) return;
	if ('image' in found) {
		const waited = goDuration(world.now - (pulling ?? world.now));
		const message = `Successfully pulled image "${reference}" in ${goDuration(ms)} (${waited} including waiting). Image size: ${found.image.sizeBytes} bytes.`;
		podEvent(world, host.services, pod, 'Normal', 'Pulled', message, record);
		changeWhole(world, { ...rest, pulled: true, imageID: found.imageID });
		return;
	}
	pullFailed(world, host, pod, pullBackoff === undefined ? rest : { ...rest, pullBackoff }, reference, pullError(found.error));
}

function changeWhole(world: World, record: ContainerRecord): void {
	// changeContainer can't take fields away: write the record without them.
	const old = getContainer(world, record.key);
	if (old !== undefined) setContainer(world, record);
}
