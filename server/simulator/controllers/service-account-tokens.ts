/** Fills secrets of type `kubernetes.io/service-account-token` in, and removes those whose account is gone: `pkg/controller/serviceaccount/tokens_controller.go`. */
import { legacyClaims, signToken } from '../apiserver/auth/tokens.ts';
import { toBase64 } from '../apiserver/base64.ts';
import { authorityCertificate } from '../apiserver/certificates/authority.ts';
import type { ApiClient } from '../apiserver/client.ts';
import type { Change, KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import type { Controller } from './controller.ts';

const SECRETS = 'v1/secrets';
const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

interface TokenSecret extends KubeObject {
	readonly type?: string;
	readonly data?: { readonly [key: string]: string };
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Secrets of an account that has come, changed or gone. */
function secretsOf(world: World, change: Change, client: ApiClient): readonly string[] {
	if (change.type === 'MODIFIED') return [];
	return client.byIndex(world, SECRETS, 'byAccount', keyOf(change.object)).map(keyOf);
}

function fill(world: World, client: ApiClient, secret: TokenSecret, account: KubeObject): boolean {
	const { namespace = '', name } = secret.metadata;
	const data = secret.data ?? {};
	const wanted: { [key: string]: string } = { ...data };
	const authority = toBase64(authorityCertificate(world));
	if (data['ca.crt'] !== authority) wanted['ca.crt'] = authority;
	if (data['namespace'] !== toBase64(namespace)) wanted['namespace'] = toBase64(namespace);
	if ((data['token'] ?? '') === '') wanted['token'] = toBase64(signToken(world, legacyClaims(namespace, name, account.metadata)));
	const annotations = { ...secret.metadata.annotations, [ACCOUNT_UID]: account.metadata.uid };
	const same = secret.metadata.annotations?.[ACCOUNT_UID] === account.metadata.uid && Object.keys(wanted).every((key) => wanted[key] === data[key]);
	return same || client.update(world, SECRETS, { ...secret, metadata: { ...secret.metadata, annotations }, data: wanted }).ok;
}

export const serviceAccountTokens: Controller = {
	name: 'serviceaccount-token',
	watches: {
		'/secrets': (_world, { type, object }) => (type !== 'DELETED' && object['type'] === TYPE ? [keyOf(object)] : []),
		'/serviceaccounts': secretsOf,
	},
	reconcile(world, key, client, queue) {
		const [namespace = '', name = ''] = key.split('/');
		const secret = client.get(world, SECRETS, namespace, name) as TokenSecret | undefined;
		if (secret?.type !== TYPE || secret.metadata.deletionTimestamp !== undefined) return;
		const account = client.get(world, 'v1/serviceaccounts', namespace, secret.metadata.annotations?.[ACCOUNT_NAME] ?? '');
		const uid = secret.metadata.annotations?.[ACCOUNT_UID];
		// Of an account that is gone, or of an earlier one of the same name.
		if (account === undefined || (uid !== undefined && uid !== account.metadata.uid)) {
			if (!client.delete(world, SECRETS, namespace, name, { preconditions: { uid: secret.metadata.uid } }).ok) queue.failed(key);
		} else if (!fill(world, client, secret, account)) queue.failed(key);
	},
};
