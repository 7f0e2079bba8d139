/** `serviceaccounts/token`: TokenREST of `pkg/registry/core/serviceaccount/storage`. */
import { formatTime } from '../../../kernel/time.ts';
import type { World } from '../../../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../../../services.ts';
import { claimsFor, credentialId, ISSUER, signToken, type TokenSubject } from '../../auth/tokens.ts';
import { tokenRefusal } from '../../admission/node-restriction.ts';
import { nodeOf } from '../../auth/node-authorizer.ts';
import { badRequest, conflict, forbidden, notFound } from '../../errors.ts';
import type { ApiCall, ApiResult, KubeObject } from '../../types.ts';
import { invalidObject, invalidValue } from '../../validation.ts';
import { type Fields, isRecord, num, rec, specOf, str, strs } from '../fields.ts';

/** Seconds: at least ten minutes, at most 2^32. */
const SHORTEST = 600;
const LONGEST = 4_294_967_296;
/** What a kubelet asks for; such tokens are valid for a year and warn after this time (`--service-account-extend-token-expiration`). */
const KUBELETS_EXPIRATION = 3607;
const YEAR = 31_536_000;

function checkExpiration(name: string, seconds: number): void {
	const wrong =
		seconds < SHORTEST ? 'may not specify a duration less than 10 minutes' : seconds > LONGEST ? 'may not specify a duration larger than 2^32 seconds' : '';
	if (wrong !== '') {
		throw invalidObject({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, [invalidValue('spec.expirationSeconds', seconds, wrong)]);
	}
}

type Bound = Pick<TokenSubject, 'pod' | 'node' | 'secret'>;

/** The UID that the reference gives, if it gives one, is the present object's. */
function checkUid(kind: string, ref: Fields, uid: string): void {
	if (str(ref.uid) === '' || str(ref.uid) === uid) return;
	const why = `the UID in the bound object reference (${str(ref.uid)}) does not match the UID in record. The object might have been deleted and then recreated`;
	throw conflict({ group: '', resource: kind }, str(ref.name), why);
}

/** What the token is bound to, checked: it is worth something only as long as that is there. */
function bound(services: Services, world: World, account: KubeObject, ref: Fields): Bound {
	if (ref.kind === 'Secret' || ref.kind === 'Node') {
		const [path, resource] = ref.kind === 'Secret' ? ['v1/secrets', 'secrets'] : ['v1/nodes', 'nodes'];
		const name = str(ref.name);
		const object = services.api.client(SYSTEM_USERS.loopback).get(world, path, account.metadata.namespace, name);
		if (object === undefined) throw notFound({ group: '', resource }, name);
		const { uid } = object.metadata;
		checkUid(ref.kind, ref, uid);
		return ref.kind === 'Secret' ? { secret: { name, uid } } : { node: { name, uid } };
	}
	return boundPod(services, world, account, ref);
}

function boundPod(services: Services, world: World, account: KubeObject, ref: Fields): Bound {
	if (ref.kind !== 'Pod') throw badRequest(`cannot bind token for serviceaccount "${account.metadata.name}" to object of type ${str(ref.kind)}`);
	const client = services.api.client(SYSTEM_USERS.loopback);
	const name = str(ref.name);
	const pod = client.get(world, 'v1/pods', account.metadata.namespace, name);
	if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, name);
	const { uid } = pod.metadata;
	checkUid('Pod', ref, uid);
	if (str(specOf(pod).serviceAccountName) !== account.metadata.name) {
		throw badRequest(`cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`);
	}
	const node = client.get(world, 'v1/nodes', undefined, str(specOf(pod).nodeName));
	return { pod: { name, uid }, ...(node === undefined ? {} : { node: { name: node.metadata.name, uid: node.metadata.uid } }) };
}

export function createToken(services: Services, world: World, call: ApiCall, account: KubeObject | undefined): ApiResult {
	if (account === undefined) throw notFound({ group: '', resource: 'serviceaccounts' }, call.name ?? '');
	const { name, namespace = '', uid } = account.metadata;
	const node = nodeOf(call.user);
	const refusal = node === undefined ? undefined : tokenRefusal(world, services.api.client(SYSTEM_USERS.loopback), node, namespace, call.body);
	if (refusal !== undefined) throw forbidden({ group: '', resource: 'serviceaccounts' }, name, refusal);
	const spec = rec(rec(call.body).spec);
	const seconds = num(spec.expirationSeconds, 3600);
	checkExpiration(name, seconds);
	const asked = strs(spec.audiences);
	const audiences = asked.length > 0 ? asked : [ISSUER];
	const to: Bound = isRecord(spec.boundObjectRef) ? bound(services, world, account, spec.boundObjectRef) : {};
	const extended = seconds === KUBELETS_EXPIRATION && to.pod !== undefined && asked.length === 0;
	const now = Math.floor(world.now / 1000);
	const subject: TokenSubject = { namespace, name, uid, ...to, audiences, expires: now + (extended ? YEAR : seconds), id: credentialId(world) };
	const claims = claimsFor(world, subject);
	const token = signToken(world, extended ? { ...claims, 'kubernetes.io': { ...rec(claims['kubernetes.io']), warnafter: now + seconds } } : claims);
	const body = {
		kind: 'TokenRequest',
		apiVersion: 'authentication.k8s.io/v1',
		metadata: { name, namespace, creationTimestamp: formatTime(world.now) },
		spec: { audiences, expirationSeconds: seconds, boundObjectRef: isRecord(spec.boundObjectRef) ? spec.boundObjectRef : null },
		status: { token, expirationTimestamp: formatTime(world.now + seconds * 1000) },
	};
	return { code: 201, body };
}
