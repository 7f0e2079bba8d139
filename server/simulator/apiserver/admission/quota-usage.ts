/** What an object counts for in quotas, and which quotas cover it: `pkg/quota/v1/evaluator/core`. */
import { podLimits, podRequests } from '../registry/core/pod-resources.ts';
import { type Fields, num, rec, recs, specOf, statusOf, str, strs } from '../registry/fields.ts';
import { qosClass } from '../registry/core/pod-defaults.ts';
import type { KubeObject } from '../types.ts';

export type Usage = { readonly [resource: string]: string };

/** Resources of the core group that are counted by their plain name, too. */
const COUNTED: ReadonlySet<string> = new Set([
	'configmaps',
	'persistentvolumeclaims',
	'pods',
	'replicationcontrollers',
	'resourcequotas',
	'secrets',
	'services',
]);

const isEnded = (pod: KubeObject): boolean => ['Succeeded', 'Failed'].includes(str(statusOf(pod).phase));

/** Compute resources by all the names that a quota may use for them. */
function computeUsage(requests: Fields, limits: Fields): { [resource: string]: string } {
	const out: { [resource: string]: string } = {};
	for (const name of Object.keys(requests)) {
		const amount = String(requests[name]);
		out[`requests.${name}`] = amount;
		if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') out[name] = amount;
	}
	for (const name of Object.keys(limits)) out[`limits.${name}`] = String(limits[name]);
	return out;
}

function podUsage(pod: KubeObject): Usage {
	if (isEnded(pod)) return { 'count/pods': '1' };
	return { ...computeUsage(podRequests(specOf(pod)), podLimits(specOf(pod))), pods: '1', 'count/pods': '1' };
}

function serviceUsage(service: KubeObject): Usage {
	const spec = specOf(service);
	const ports = recs(spec.ports).length;
	const balanced = spec.type === 'LoadBalancer';
	const nodePorts =
		spec.type === 'NodePort'
			? ports
			: balanced
				? spec.allocateLoadBalancerNodePorts === false
					? recs(spec.ports).filter((p) => num(p.nodePort) > 0).length
					: ports
				: 0;
	return { services: '1', 'count/services': '1', 'services.nodeports': String(nodePorts), 'services.loadbalancers': balanced ? '1' : '0' };
}

function claimUsage(claim: KubeObject): Usage {
	const spec = specOf(claim);
	const storage = str(rec(rec(spec.resources).requests).storage);
	const storageClass = str(spec.storageClassName);
	const out: { [resource: string]: string } = { persistentvolumeclaims: '1', 'count/persistentvolumeclaims': '1' };
	if (storage !== '') out['requests.storage'] = storage;
	if (storageClass === '') return out;
	const prefix = `${storageClass}.storageclass.storage.k8s.io/`;
	out[`${prefix}persistentvolumeclaims`] = '1';
	if (storage !== '') out[`${prefix}requests.storage`] = storage;
	return out;
}

/** Everything a quota could count of this object. */
export function usageOf(group: string, resource: string, object: KubeObject): Usage {
	if (group === '' && resource === 'pods') return podUsage(object);
	if (group === '' && resource === 'services') return serviceUsage(object);
	if (group === '' && resource === 'persistentvolumeclaims') return claimUsage(object);
	const count = `count/${resource}${group === '' ? '' : `.${group}`}`;
	return group === '' && COUNTED.has(resource) ? { [resource]: '1', [count]: '1' } : { [count]: '1' };
}

function inScope(scope: string, operator: string, values: readonly string[], pod: KubeObject): boolean {
	const spec = specOf(pod);
	switch (scope) {
		case 'BestEffort':
			return qosClass(spec) === 'BestEffort';
		case 'NotBestEffort':
			return qosClass(spec) !== 'BestEffort';
		case 'Terminating':
			return spec.activeDeadlineSeconds !== undefined;
		case 'NotTerminating':
			return spec.activeDeadlineSeconds === undefined;
		case 'PriorityClass': {
			const name = str(spec.priorityClassName);
			if (operator === 'Exists') return name !== '';
			if (operator === 'DoesNotExist') return name === '';
			return operator === 'NotIn' ? !values.includes(name) : values.includes(name);
		}
		default:
			return false;
	}
}

/** Whether a quota counts this object at all: scopes speak of pods only. */
export function covers(quota: KubeObject, group: string, resource: string, object: KubeObject): boolean {
	const spec = specOf(quota);
	const scopes = [
		...strs(spec.scopes).map((s) => ({ scopeName: s, operator: 'Exists', values: [] as readonly string[] })),
		...recs(rec(spec.scopeSelector).matchExpressions).map((e) => ({ scopeName: str(e.scopeName), operator: str(e.operator), values: strs(e.values) })),
	];
	if (scopes.length === 0) return true;
	if (group !== '' || resource !== 'pods') return false;
	return scopes.every((s) => inScope(s.scopeName, s.operator, s.values, object));
}

const COMPUTE: ReadonlySet<string> = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

/** `must specify limits.cpu for: a,b; …`: a quota over compute wants every container to say what it takes. Undefined where all do. */
export function missingCompute(hard: Fields, pod: KubeObject): string | undefined {
	const wanted = Object.keys(hard).filter((name) => COMPUTE.has(name));
	if (wanted.length === 0) return undefined;
	const missing = new Map<string, Set<string>>();
	for (const container of [...recs(specOf(pod).containers), ...recs(specOf(pod).initContainers)]) {
		const said = computeUsage(rec(rec(container.resources).requests), rec(rec(container.resources).limits));
		for (const name of wanted) if (said[name] === undefined) missing.set(name, (missing.get(name) ?? new Set()).add(str(container.name)));
	}
	if (missing.size === 0) return undefined;
	const parts = [...missing.keys()].sort().map((name) => `${name} for: ${[...(missing.get(name) ?? [])].sort().join(',')}`);
	return `must specify ${parts.join('; ')}`;
}
