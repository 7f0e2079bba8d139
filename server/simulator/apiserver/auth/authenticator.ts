/** Who calls: what the host has settled, else a bearer token, else nobody in particular. */
import type { World } from '../../kernel/world.ts';
import { getObject, objectKey } from '../registry/store.ts';
import type { Strategy, UserInfo } from '../types.ts';
import type { ApiWireRequest } from '../wire.ts';
import { ISSUER, LEGACY_ISSUER, legacySubject, readToken, subjectOf, type TokenSubject } from './tokens.ts';
import { rec, str } from '../registry/fields.ts';
import { fromBase64 } from '../base64.ts';

/** The store finds a resource's objects by its name alone; the whole strategies need the other rooms. */
const PODS = { group: '', resource: 'pods' } as Strategy;
const SECRETS = { group: '', resource: 'secrets' } as Strategy;
const NODES = { group: '', resource: 'nodes' } as Strategy;
const SERVICE_ACCOUNTS = { group: '', resource: 'serviceaccounts' } as Strategy;

const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Undefined means 401: a token was sent and is worth nothing. */
export function authenticate(world: World, request: ApiWireRequest, annotate?: (key: string, value: string) => void): UserInfo | undefined {
	if (request.user !== undefined) return request.user;
	const header = request.headers.authorization ?? '';
	const match = /^Bearer +(\S+)$/i.exec(header);
	if (match === null) return ANONYMOUS;
	const { user } = authenticateToken(world, match[1] ?? '', [ISSUER], annotate);
	return user;
}

/** The user of a token, or what is wrong with it in the words of a TokenReview. */
export interface TokenAnswer {
	readonly user?: UserInfo;
	readonly error: string;
}

const refuse = (why: string): TokenAnswer => ({ error: `[invalid bearer token, ${why}]` });
const INVALIDATED = refuse('service account token has been invalidated');

/** The user of a service account's token; none for one that is forged, too old, for others, or whose account, pod, secret or node is gone. */
export function authenticateToken(world: World, token: string, audiences: readonly string[], annotate?: (key: string, value: string) => void): TokenAnswer {
	const claims = readToken(world, token);
	if (claims === undefined) return { error: 'invalid bearer token' };
	if (claims.iss === LEGACY_ISSUER) return legacyToken(world, token, claims, annotate);
	if (claims.iss !== ISSUER) return { error: 'invalid bearer token' };
	const subject = subjectOf(claims);
	const mine = JSON.stringify(subject.audiences).replaceAll(',', ' ');
	if (!subject.audiences.some((a) => audiences.includes(a))) {
		return refuse(`token audiences ${mine} is invalid for the target audiences ${JSON.stringify(audiences).replaceAll(',', ' ')}`);
	}
	if (subject.expires * 1000 <= world.now) return refuse('service account token has expired');
	const account = getObject(world, SERVICE_ACCOUNTS, objectKey(subject.namespace, subject.name));
	if (account === undefined || account.metadata.uid !== subject.uid) return INVALIDATED;
	const there = (kind: Strategy, namespace: string | undefined, ref: { readonly name: string; readonly uid: string } | undefined): boolean =>
		ref === undefined || getObject(world, kind, objectKey(namespace, ref.name))?.metadata.uid === ref.uid;
	if (!there(PODS, subject.namespace, subject.pod) || !there(SECRETS, subject.namespace, subject.secret)) return INVALIDATED;
	// A pod's token names the pod's node for information only; a token bound to a node goes with it.
	if (subject.pod === undefined && !there(NODES, undefined, subject.node)) return INVALIDATED;
	warnStale(world, claims, subject, annotate);
	return { user: accountUser(subject), error: '' };
}

/** Past the time that its kubelet was told it would last: somebody does not read the file again (`authentication.k8s.io/stale-token`). */
function warnStale(
	world: World,
	claims: { readonly [claim: string]: unknown },
	{ namespace, name }: TokenSubject,
	annotate?: (key: string, value: string) => void,
): void {
	const after = rec(claims['kubernetes.io']).warnafter;
	if (typeof after !== 'number' || after * 1000 > world.now) return;
	const late = Math.floor(world.now / 1000) - after;
	annotate?.('authentication.k8s.io/stale-token', `subject: system:serviceaccount:${namespace}:${name}, seconds after warning threshold: ${late}`);
}

/** A token out of a secret: good as long as the secret holds it (`legacyValidator.Validate`). */
function legacyToken(world: World, token: string, claims: { readonly [claim: string]: unknown }, annotate?: (key: string, value: string) => void): TokenAnswer {
	const { namespace, secret: name, name: accountName, uid } = legacySubject(claims);
	const secret = getObject(world, SECRETS, objectKey(namespace, name));
	const held = fromBase64(str(rec(secret?.data).token));
	if (secret === undefined || secret.metadata.deletionTimestamp !== undefined || held !== token) return INVALIDATED;
	const account = getObject(world, SERVICE_ACCOUNTS, objectKey(namespace, accountName));
	if (account === undefined || account.metadata.uid !== uid) return INVALIDATED;
	if (secret.metadata.labels?.['kubernetes.io/legacy-token-invalid-since'] !== undefined) return INVALIDATED;
	annotate?.(LEGACY_TOKEN, `${namespace}/${name}`);
	return { user: { name: `system:serviceaccount:${namespace}:${accountName}`, uid, groups: groupsOf(namespace) }, error: '' };
}

/** Annotation of a request that came with a token out of a secret; its value is the secret. */
export const LEGACY_TOKEN = 'authentication.k8s.io/legacy-token';

const groupsOf = (namespace: string): readonly string[] => ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];

function accountUser(subject: TokenSubject): UserInfo {
	const { namespace, name, uid, pod, node, id } = subject;
	return {
		name: `system:serviceaccount:${namespace}:${name}`,
		uid,
		groups: groupsOf(namespace),
		extra: {
			'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
			...(node === undefined ? {} : { 'authentication.kubernetes.io/node-name': [node.name], 'authentication.kubernetes.io/node-uid': [node.uid] }),
			...(pod === undefined ? {} : { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
		},
	};
}
