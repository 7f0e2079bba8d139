/** Who calls: what the host has settled, else a bearer token, else nobody in particular. */
import type { World } from '../../kernel/world.ts';
import { getObject, objectKey } from '../registry/store.ts';
import type { Strategy, UserInfo } from '../types.ts';
import type { ApiWireRequest } from '../wire.ts';
import { ISSUER, readToken, subjectOf, type TokenSubject } from './tokens.ts';

/** The store finds a resource's objects by its name alone; the whole strategies need the other rooms. */
const PODS = { group: '', resource: 'pods' } as Strategy;
const SERVICE_ACCOUNTS = { group: '', resource: 'serviceaccounts' } as Strategy;

const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Undefined means 401: a token was sent and is worth nothing. */
export function authenticate(world: World, request: ApiWireRequest, annotate?: (key: string, value: string) => void): UserInfo | undefined {
	if (request.user !== undefined) return request.user;
	const header = request.headers.authorization ?? '';
	const match = /^Bearer +(\S+)$/i.exec(header);
	if (match === null) return ANONYMOUS;
	return authenticateToken(world, match[1] ?? '', [ISSUER], annotate);
}

/** The user of a service account's token; undefined for one that is forged, too old, for others, or whose account or pod is gone. */
export function authenticateToken(
	world: World,
	token: string,
	audiences: readonly string[],
	annotate?: (key: string, value: string) => void,
): UserInfo | undefined {
	const claims = readToken(world, token);
	if (claims === undefined || claims.iss !== ISSUER) return undefined;
	const subject = subjectOf(claims);
	if (subject.expires * 1000 <= world.now) return undefined;
	if (!subject.audiences.some((a) => audiences.includes(a))) return undefined;
	const account = getObject(world, SERVICE_ACCOUNTS, objectKey(subject.namespace, subject.name));
	if (account === undefined || account.metadata.uid !== subject.uid) return undefined;
	if (subject.pod !== undefined) {
		const pod = getObject(world, PODS, objectKey(subject.namespace, subject.pod.name));
		if (pod === undefined || pod.metadata.uid !== subject.pod.uid) return undefined;
	}
	return accountUser(subject);
}

function accountUser(subject: TokenSubject): UserInfo {
	const { namespace, name, uid, pod, node, id } = subject;
	return {
		name: `system:serviceaccount:${namespace}:${name}`,
		uid,
		groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
		extra: {
			'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
			...(node === undefined ? {} : { 'authentication.kubernetes.io/node-name': [node.name], 'authentication.kubernetes.io/node-uid': [node.uid] }),
			...(pod === undefined ? {} : { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
		},
	};
}
