/**
 * Writes of the cluster's own parts in the audit log: kubelets, scheduler and controllers, each as the user it acts as.
 * They are written down under a policy of the learner's alone; without one the log is the outside callers'. Their reads
 * never are: a controller reads its cache.
 */
import type { World } from '../../kernel/world.ts';
import { nodeOf } from '../auth/node-authorizer.ts';
import { auditPolicy } from '../config/control-plane.ts';
import { apiVersionOf } from '../handlers/context.ts';
import type { ApiCall, ApiResult, UserInfo } from '../types.ts';
import { recordAudit } from './audit.ts';

const VERSION = 'v1.36.0 (linux/amd64) kubernetes/0000000';
const METHODS: { readonly [verb: string]: string } = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE' };
/** The API server's own calls are part of other requests, or none that a log would have. */
const SERVER = 'system:apiserver';
/** Where the control plane's parts run; a kubelet's address is its node's, which nobody tells here. */
const CONTROL_PLANE = ['172.18.0.2'];

function agentOf({ name }: UserInfo): string {
	if (name.startsWith('system:node:')) return `kubelet/${VERSION}`;
	if (name === 'system:kube-scheduler') return `kube-scheduler/${VERSION}/scheduler`;
	const account = /^system:serviceaccount:kube-system:(.+)$/.exec(name)?.[1];
	if (account !== undefined) return `kube-controller-manager/${VERSION}/system:serviceaccount:kube-system:${account}`;
	return name.startsWith('system:serviceaccount:ingress-nginx:')
		? 'nginx-ingress-controller/v1.14.0 (linux/amd64) ingress-nginx/release'
		: `${name}/${VERSION}`;
}

function urlOf({ group, version, resource, subresource, namespace, name }: ApiCall): string {
	const root = group === '' ? `/api/${version}` : `/apis/${apiVersionOf({ group }, version)}`;
	const parts = [root, ...(namespace === undefined ? [] : ['namespaces', namespace]), resource, name, subresource];
	return parts.filter((p) => p !== undefined).join('/');
}

/** A kubelet patches the status of its pods and its node; here it writes them as a whole, which comes to the same. */
function asSent(call: ApiCall): ApiCall {
	return call.verb === 'update' && call.subresource === 'status' && nodeOf(call.user) !== undefined ? { ...call, verb: 'patch' } : call;
}

/** Writes the call down where a policy wants it; gives its answer back. */
export function auditOwn(world: World, call: ApiCall, result: ApiResult): ApiResult {
	if (!auditPolicy(world).own || call.user.name === SERVER) return result;
	const sent = asSent(call);
	const method = METHODS[sent.verb];
	if (method === undefined) return result;
	const request = { method, url: urlOf(call), agent: agentOf(call.user), sourceIPs: CONTROL_PLANE, size: 0 };
	recordAudit(
		world,
		request,
		{ user: call.user, call: sent, body: result.body, decision: { allowed: true, reason: '' } },
		{ status: result.code, json: result.body, long: false },
	);
	return result;
}
