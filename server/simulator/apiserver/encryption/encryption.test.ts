import { transformationLines } from './transformations.ts';
import { describe, expect, it } from 'vitest';
import { toBase64Bytes } from '../base64.ts';
import { ENCRYPTION_CONFIG_FILE, reloadControlPlaneFile } from '../config/control-plane.ts';
import { serveHealth } from '../http/health.ts';
import { decodeProtobuf } from '../http/protobuf.ts';
import { secrets } from '../registry/core/secrets.ts';
import { type TestCluster, testCluster } from '../registry/testing.ts';
import type { KubeObject } from '../types.ts';
import { readEncryptionConfig } from './config.ts';
import { KEY_LIFETIME_MS } from './kms.ts';
import { storedBytes } from './protobuf.ts';
import { storedValue } from './storage.ts';

const KEY = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
const OTHER_KEY = 'ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=';
const aescbc = (name = 'key1', secret = KEY): string => `{aescbc: {keys: [{name: ${name}, secret: ${secret}}]}}`;
const KMS = '{kms: {apiVersion: v2, name: vault, endpoint: "unix:///var/run/kms/socket.sock"}}';
const config = (...providers: readonly string[]): string =>
	`apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers: [${providers.join(', ')}]\n`;

function configure(c: TestCluster, ...providers: readonly string[]): void {
	expect(reloadControlPlaneFile(c.world, ENCRYPTION_CONFIG_FILE, config(...providers))).toContain('Loaded new encryption config');
}

const secret = (name: string): { readonly [field: string]: unknown } => ({
	apiVersion: 'v1',
	kind: 'Secret',
	metadata: { name },
	data: { password: 'aHVudGVyMg==' },
});
const stored = (c: TestCluster, name: string): string => {
	const object = c.client.get(c.world, 'v1/secrets', 'default', name);
	return object === undefined ? '(gone)' : storedValue(c.world, secrets, object);
};
const read = (c: TestCluster, name?: string): string => {
	const result = c.call(name === undefined ? 'list' : 'get', 'v1/secrets', { namespace: 'default', ...(name === undefined ? {} : { name }) });
	return result.code < 400 ? 'ok' : ((result.body as { readonly message?: string }).message ?? '');
};
const rewrite = (c: TestCluster, name: string): number =>
	c.call('update', 'v1/secrets', { namespace: 'default', name, body: c.client.get(c.world, 'v1/secrets', 'default', name) as KubeObject }).code;

describe('what the store holds', () => {
	it('is protobuf in the clear without encryption, and reads back', () => {
		const c = testCluster('apiserver');
		const made = c.create('v1/secrets', secret('s'));
		expect(stored(c, 's').slice(0, 4)).toBe('k8s\0');
		expect(stored(c, 's')).toContain('hunter2');
		const { resourceVersion: _own, ...metadata } = made.metadata;
		expect(decodeProtobuf(toBase64Bytes(storedBytes(made))).value).toEqual({ ...made, metadata });
		const service = c.create('v1/services', { metadata: { name: 'web', labels: { a: 'b' } }, spec: { ports: [{ port: 80, targetPort: 'http' }] } });
		const { resourceVersion: _its, ...meta } = service.metadata;
		// Zeros of Go's plain fields are not told from nothing.
		const { status: _zero, ...rest } = service;
		expect(decodeProtobuf(toBase64Bytes(storedBytes(service))).value).toEqual({ ...rest, metadata: meta });
	});

	it.each([
		['aescbc', aescbc(), 'k8s:enc:aescbc:v1:key1:'],
		['aesgcm', `{aesgcm: {keys: [{name: a, secret: ${KEY}}]}}`, 'k8s:enc:aesgcm:v1:a:'],
		['secretbox', `{secretbox: {keys: [{name: b, secret: ${KEY}}]}}`, 'k8s:enc:secretbox:v1:b:'],
		['kms v2', KMS, 'k8s:enc:kms:v2:vault:'],
	])('begins with upstream’s prefix under %s', (_name, provider, prefix) => {
		const c = testCluster('apiserver');
		configure(c, provider, '{identity: {}}');
		c.create('v1/secrets', secret('s'));
		expect(stored(c, 's').startsWith(prefix)).toBe(true);
		expect(stored(c, 's')).not.toContain('hunter2');
		expect(stored(c, 's')).toBe(stored(c, 's'));
		expect(read(c, 's')).toBe('ok');
	});

	it('is counted as it is transformed', () => {
		const c = testCluster();
		configure(c, aescbc(), '{identity: {}}');
		c.create('v1/secrets', secret('a'));
		read(c, 'a');
		read(c, 'a');
		const line = (type: string): string =>
			`apiserver_storage_transformation_operations_total{resource="secrets",status="OK",transformation_type="${type}",transformer_prefix="k8s:enc:aescbc:v1:key1:"}`;
		expect(transformationLines(c.world)).toEqual([`${line('from_storage')} 2`, `${line('to_storage')} 1`]);
	});

	it('stays as it was written until it is written again', () => {
		const c = testCluster('apiserver');
		const before = c.create('v1/secrets', secret('old'));
		configure(c, aescbc(), '{identity: {}}');
		expect(stored(c, 'old').startsWith('k8s\0')).toBe(true);
		expect(rewrite(c, 'old')).toBe(200);
		expect(stored(c, 'old').startsWith('k8s:enc:aescbc:v1:key1:')).toBe(true);
		const after = c.client.get(c.world, 'v1/secrets', 'default', 'old');
		expect(after?.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
		rewrite(c, 'old');
		expect(c.client.get(c.world, 'v1/secrets', 'default', 'old')).toBe(after);
		configure(c, aescbc('key2', OTHER_KEY), aescbc(), '{identity: {}}');
		rewrite(c, 'old');
		expect(stored(c, 'old').startsWith('k8s:enc:aescbc:v1:key2:')).toBe(true);
		configure(c, '{identity: {}}', aescbc('key2', OTHER_KEY));
		rewrite(c, 'old');
		expect(stored(c, 'old').startsWith('k8s\0')).toBe(true);
	});

	it('can’t be read once its key is gone', () => {
		const c = testCluster('apiserver');
		configure(c, aescbc());
		c.create('v1/secrets', secret('s'));
		configure(c, aescbc('key2', OTHER_KEY));
		expect(read(c, 's')).toBe('Internal error occurred: no matching key was found for the provided AES transformer');
		expect(read(c)).toBe(
			'Internal error occurred: unable to transform key "/registry/secrets/default/s": no matching key was found for the provided AES transformer',
		);
		configure(c, aescbc('key1', OTHER_KEY));
		expect(read(c, 's')).toBe('Internal error occurred: invalid padding on input');
		configure(c, '{identity: {}}');
		expect(read(c, 's')).toBe('Internal error occurred: identity transformer tried to read encrypted data');
		reloadControlPlaneFile(c.world, ENCRYPTION_CONFIG_FILE, undefined);
		expect(read(c, 's')).toBe('Internal error occurred: identity transformer tried to read encrypted data');
		configure(c, aescbc());
		expect(read(c)).toBe('ok');
	});

	it('in the clear can’t be read where nothing reads in the clear', () => {
		const c = testCluster('apiserver');
		c.create('v1/secrets', secret('s'));
		configure(c, aescbc());
		expect(read(c, 's')).toBe('Internal error occurred: no matching prefix found');
		expect(c.call('list', 'v1/configmaps', { namespace: 'default' }).code).toBe(200);
	});
});

describe('a KMS plugin', () => {
	function withPlugin(): { readonly c: TestCluster; readonly ready: (status: string, keyId?: string) => void } {
		const c = testCluster('full');
		const volumes = [{ name: 's', hostPath: { path: '/var/run/kms' } }];
		c.create('v1/pods', { metadata: { name: 'kms', namespace: 'kube-system' }, spec: { containers: [{ name: 'kms', image: 'kms' }], volumes } }, 'kube-system');
		const ready = (status: string, keyId = '1'): void => {
			const pod = c.client.get(c.world, 'v1/pods', 'kube-system', 'kms') as KubeObject;
			const metadata = { ...pod.metadata, annotations: { 'kms.foothold.dev/key-id': keyId } };
			const conditions = [{ type: 'Ready', status, lastTransitionTime: new Date(c.world.now).toISOString().replace('.000', '') }];
			expect(c.client.updateStatus(c.world, 'v1/pods', { ...pod, metadata, status: { conditions } }).ok).toBe(true);
		};
		configure(c, KMS, '{identity: {}}');
		return { c, ready };
	}
	const refusal = (c: TestCluster, name: string): string => c.refusal('v1/secrets', secret(name));

	it('that never answered lets nothing be written', () => {
		const { c } = withPlugin();
		expect(refusal(c, 'a')).toMatch(
			/^Internal error occurred: encryptedDEKSource with keyID hash "" expired at 0001-01-01T00:00:00Z \(current time is 2026-11-20T/,
		);
	});

	it('that is gone is missed only after three minutes, and by the health checks at once', () => {
		const { c, ready } = withPlugin();
		ready('True');
		expect(refusal(c, 'a')).toBe('');
		expect(serveHealth(c.world, '/readyz', {})?.text).toBe('ok');
		ready('False');
		expect(serveHealth(c.world, '/readyz/kms-providers', {})?.status).toBe(500);
		expect(serveHealth(c.world, '/livez', {})?.text).toContain('[-]kms-providers failed: reason withheld\n');
		expect(serveHealth(c.world, '/livez', { exclude: ['kms-providers'] })?.text).toBe('ok');
		expect(refusal(c, 'b')).toBe('');
		c.world.advanceTo(c.world.now + KEY_LIFETIME_MS + 1000);
		expect(refusal(c, 'c')).toMatch(/^Internal error occurred: encryptedDEKSource with keyID hash "sha256:[0-9a-f]{64}" expired at 2026-/);
		expect(read(c, 'a')).toBe('ok');
	});

	it('that rotates its key has objects written anew', () => {
		const { c, ready } = withPlugin();
		ready('True');
		expect(refusal(c, 'a')).toBe('');
		const before = stored(c, 'a');
		rewrite(c, 'a');
		expect(stored(c, 'a')).toBe(before);
		ready('True', '2');
		rewrite(c, 'a');
		expect(stored(c, 'a')).not.toBe(before);
	});
});

describe('an EncryptionConfiguration', () => {
	const of = (providers: unknown, resources: readonly string[] = ['secrets']): unknown => ({
		apiVersion: 'apiserver.config.k8s.io/v1',
		kind: 'EncryptionConfiguration',
		resources: [{ resources, providers }],
	});
	it.each([
		[of([]), 'resources[0].providers: Required value: at least one resources[0].providers is required'],
		[
			of([{ aescbc: { keys: [{ name: 'a', secret: 'c2hvcnQ=' }] } }]),
			'resources[0].providers[0].aescbc.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 5, expected one of [16 24 32]',
		],
		[
			of([{ secretbox: { keys: [{ name: 'a', secret: '!' }] } }]),
			'resources[0].providers[0].secretbox.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded',
		],
		[of([{ identity: {}, aescbc: {} }]), 'more than one provider specified in a single element, should split into different list elements'],
		[of([{ kms: { apiVersion: 'v3', name: 'a', endpoint: 'tcp://x' } }]), 'unsupported apiVersion v3 for KMS provider, only v1 and v2 are supported'],
		[
			of([{ identity: {} }], ['*']),
			'resources[0].resources[0]: Invalid value: "*": use \'*.\' to encrypt all the resources from core API group or *.* to encrypt all resources',
		],
		[of([{ identity: {} }], ['secrets', '*.']), 'is not allowed as they will be masked'],
		[{ apiVersion: 'v1', kind: 'Secret' }, 'no kind "Secret" is registered for version "v1"'],
	])('is refused: %j', (value, error) => {
		expect(readEncryptionConfig(value)).toMatchObject({ error: expect.stringContaining(error) });
	});
});
