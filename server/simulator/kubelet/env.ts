/** A container's environment and command line, as kubelet_pods.go makeEnvironmentVariables and third_party/forked/golang/expansion build them. */
import { quantityNumber } from '../apiserver/registry/quantity.ts';
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import { serviceSpec } from '../network/services.ts';
import { base64ToText } from '../storage-volumes/bytes.ts';
import type { Container, EnvVar, Pod } from './pod.ts';
import { findContainer } from './pod.ts';

export type Env = { readonly [name: string]: string };
export type EnvResult = { readonly ok: true; readonly env: Env } | { readonly ok: false; readonly message: string };

export interface PodFacts {
	readonly podIP: string;
	readonly hostIP: string;
	/** Allocatable of the node, for resources a container does not limit. */
	readonly allocatable: { readonly [resource: string]: string };
}

/** Replaces `$(NAME)` by its value; `$$` stands for `$`, unknown names stay as they are. */
export function expand(text: string, env: Env): string {
	return text.replace(/\$(?:\$|\(([^()]*)\))/g, (whole, name: string | undefined) => {
		if (name === undefined) return '$';
		return Object.hasOwn(env, name) ? (env[name] ?? '') : whole;
	});
}

/** Value of a downward API field path; undefined where the path is not known. */
export function fieldValue(pod: Pod, path: string, facts: PodFacts): string | undefined {
	const entry = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
	if (entry !== null) return pod.metadata[entry[1] === 'labels' ? 'labels' : 'annotations']?.[entry[2] ?? ''] ?? '';
	const listing = (map: { readonly [k: string]: string } | undefined): string =>
		Object.entries(map ?? {})
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([k, v]) => `${k}=${JSON.stringify(v)}`)
			.join('\n');
	switch (path) {
		case 'metadata.name':
			return pod.metadata.name;
		case 'metadata.namespace':
			return pod.metadata.namespace ?? '';
		case 'metadata.uid':
			return pod.metadata.uid;
		case 'metadata.labels':
			return listing(pod.metadata.labels);
		case 'metadata.annotations':
			return listing(pod.metadata.annotations);
		case 'spec.nodeName':
			return pod.spec.nodeName ?? '';
		case 'spec.serviceAccountName':
			return pod.spec.serviceAccountName ?? 'default';
		case 'status.hostIP':
		case 'status.hostIPs':
			return facts.hostIP;
		case 'status.podIP':
		case 'status.podIPs':
			return facts.podIP;
		default:
			return undefined;
	}
}

/** Value of a resource of a container, divided and rounded up as upstream does; limits that are not set are the node's. */
export function resourceValue(
	pod: Pod,
	own: Container,
	ref: { readonly containerName?: string; readonly resource: string; readonly divisor?: string },
	facts: PodFacts,
): string {
	const container = ref.containerName === undefined || ref.containerName === '' ? own : (findContainer(pod.spec, ref.containerName) ?? own);
	const [kind, name = ''] = ref.resource.split(/\.(.*)/s);
	const set = kind === 'limits' ? (container.resources?.limits?.[name] ?? facts.allocatable[name]) : container.resources?.requests?.[name];
	const divisor = quantityNumber(ref.divisor ?? '1') ?? 1;
	const value = (quantityNumber(set) ?? 0) / (divisor === 0 ? 1 : divisor);
	return String(Math.ceil(Number(value.toFixed(6))));
}

const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/** Every container of a namespace gets the same ones. */
const announced = new WeakMap<KubeObject, Env>();

function variablesOf(service: KubeObject): Env {
	let env = announced.get(service);
	if (env === undefined) {
		env = announce(service);
		announced.set(service, env);
	}
	return env;
}

function announce(service: KubeObject): Env {
	const env: { [name: string]: string } = {};
	const spec = serviceSpec(service);
	const ip = spec.clusterIP;
	const first = spec.ports?.[0];
	if (ip === undefined || ip === '' || ip === 'None' || first === undefined) return env;
	const name = service.metadata.name.toUpperCase().replaceAll('-', '_');
	env[`${name}_SERVICE_HOST`] = ip;
	env[`${name}_SERVICE_PORT`] = String(first.port);
	for (const p of spec.ports ?? [])
		if (p.name !== undefined && p.name !== '') env[`${name}_SERVICE_PORT_${p.name.toUpperCase().replaceAll('-', '_')}`] = String(p.port);
	for (const [i, p] of (spec.ports ?? []).entries()) {
		const protocol = (p.protocol ?? 'TCP').toLowerCase();
		const prefix = `${name}_PORT_${p.port}_${protocol.toUpperCase()}`;
		if (i === 0) env[`${name}_PORT`] = `${protocol}://${ip}:${p.port}`;
		env[prefix] = `${protocol}://${ip}:${p.port}`;
		env[`${prefix}_PROTO`] = protocol;
		env[`${prefix}_PORT`] = String(p.port);
		env[`${prefix}_ADDR`] = ip;
	}
	return env;
}

/** Variables that announce services (`REDIS_SERVICE_HOST`, docker-link style too); the API server's always. */
function serviceVariables(world: World, client: ApiClient, pod: Pod): Env {
	const env: { [name: string]: string } = {};
	const kubernetes = client.get(world, 'v1/services', 'default', 'kubernetes');
	if (kubernetes !== undefined) Object.assign(env, variablesOf(kubernetes));
	if (pod.spec.enableServiceLinks !== false)
		for (const service of client.list(world, 'v1/services', pod.metadata.namespace)) Object.assign(env, variablesOf(service));
	return env;
}

function dataOf(object: KubeObject, kind: 'configmap' | 'secret'): { readonly [key: string]: string } {
	const data = (object['data'] ?? {}) as { readonly [key: string]: string };
	return kind === 'configmap' ? data : Object.fromEntries(Object.entries(data).map(([k, v]) => [k, base64ToText(v)]));
}

type Value = { readonly ok: true; readonly value: string | undefined } | { readonly ok: false; readonly message: string };

function fromKey(
	world: World,
	client: ApiClient,
	namespace: string,
	kind: 'configmap' | 'secret',
	ref: { readonly name?: string; readonly key: string; readonly optional?: boolean },
): Value {
	const name = ref.name ?? '';
	const object = client.get(world, kind === 'configmap' ? 'v1/configmaps' : 'v1/secrets', namespace, name);
	if (object === undefined) return ref.optional === true ? { ok: true, value: undefined } : { ok: false, message: `${kind} "${name}" not found` };
	const value = dataOf(object, kind)[ref.key];
	if (value !== undefined || ref.optional === true) return { ok: true, value };
	return { ok: false, message: `couldn't find key ${ref.key} in ${kind === 'configmap' ? 'ConfigMap' : 'Secret'} ${namespace}/${name}` };
}

function envValue(world: World, client: ApiClient, pod: Pod, container: Container, variable: EnvVar, known: Env, facts: PodFacts): Value {
	const from = variable.valueFrom;
	const namespace = pod.metadata.namespace ?? '';
	if (from === undefined) return { ok: true, value: expand(variable.value ?? '', known) };
	if (from.configMapKeyRef !== undefined) return fromKey(world, client, namespace, 'configmap', from.configMapKeyRef);
	if (from.secretKeyRef !== undefined) return fromKey(world, client, namespace, 'secret', from.secretKeyRef);
	if (from.fieldRef !== undefined) {
		const value = fieldValue(pod, from.fieldRef.fieldPath, facts);
		return value === undefined ? { ok: false, message: `unsupported fieldPath: ${from.fieldRef.fieldPath}` } : { ok: true, value };
	}
	if (from.resourceFieldRef !== undefined) return { ok: true, value: resourceValue(pod, container, from.resourceFieldRef, facts) };
	return { ok: true, value: '' };
}

/** All variables of a container, without the image's own. Says what is missing in the kubelet's words. */
export function makeEnv(world: World, client: ApiClient, pod: Pod, container: Container, facts: PodFacts): EnvResult {
	const namespace = pod.metadata.namespace ?? '';
	const services = serviceVariables(world, client, pod);
	const env: { [name: string]: string } = {};
	for (const source of container.envFrom ?? []) {
		const kind = source.configMapRef !== undefined ? 'configmap' : 'secret';
		const ref = source.configMapRef ?? source.secretRef;
		if (ref === undefined) continue;
		const object = client.get(world, kind === 'configmap' ? 'v1/configmaps' : 'v1/secrets', namespace, ref.name ?? '');
		if (object === undefined) {
			if (ref.optional === true) continue;
			return { ok: false, message: `${kind} "${ref.name ?? ''}" not found` };
		}
		for (const [key, value] of Object.entries(dataOf(object, kind))) {
			const name = `${source.prefix ?? ''}${key}`;
			if (ENV_NAME.test(name)) env[name] = value;
		}
	}
	for (const variable of container.env ?? []) {
		const found = envValue(world, client, pod, container, variable, { ...services, ...env }, facts);
		if (!found.ok) return found;
		if (found.value !== undefined) env[variable.name] = found.value;
	}
	// A container's own come first, as the kubelet's makeEnvironmentVariables appends those of services.
	return { ok: true, env: { ...env, ...Object.fromEntries(Object.entries(services).filter(([name]) => env[name] === undefined)) } };
}

/** What a container runs: the pod's command replaces the image's entrypoint and its cmd, args alone replace the cmd. */
export function commandLine(
	container: Container,
	image: { readonly entrypoint: readonly string[]; readonly cmd: readonly string[] },
	env: Env,
): readonly string[] {
	const command = (container.command ?? []).map((part) => expand(part, env));
	const args = (container.args ?? []).map((part) => expand(part, env));
	if (command.length > 0) return [...command, ...args];
	return [...image.entrypoint, ...(args.length > 0 ? args : image.cmd)];
}
