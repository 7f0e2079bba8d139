import { generateKeyPairSync } from 'node:crypto';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../simulator/apiserver/certificates/authority.ts';
import { oid, sequence, tagged } from '../simulator/apiserver/certificates/der.ts';
import { type Serving, serveClusters } from './serve.ts';
import { servingCertificate } from './serving/authority.ts';
import { createAuthority } from './serving/certificates.ts';
import { SimulatorSandbox } from './simulator.ts';
import { Template } from './simulated/template.ts';

const WHOAMI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const ASK = JSON.stringify({ kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' });

describe('a served cluster', () => {
	let sandbox: SimulatorSandbox;
	let serving: Serving;
	let ca: string;
	beforeAll(async () => {
		sandbox = await SimulatorSandbox.create(Template.build({ workers: 0, seed: 3, profile: 'apiserver' }), {
			id: 'served',
			user: { name: 'admin', groups: ['system:masters'] },
		});
		const certificate = await servingCertificate();
		ca = certificate.authority;
		serving = await serveClusters({
			certificate,
			port: 0,
			clientAuthority: '127.0.0.1',
			find: () => ({ endpoint: sandbox.cluster, token: 'secret', prefix: '' }),
		});
	});
	afterAll(async () => {
		await serving.close();
		await sandbox.dispose();
	});

	interface Sent {
		readonly method?: string;
		readonly headers?: { readonly [name: string]: string };
		readonly body?: string;
		readonly cert?: string;
		readonly key?: string;
	}

	const send = (path: string, { body, ...rest }: Sent): Promise<{ readonly status: number; readonly text: string }> =>
		new Promise((resolve, reject) => {
			const asked = request({ host: '127.0.0.1', port: serving.port, path, ca, agent: false, ...rest }, (response) => {
				let text = '';
				response.on('data', (chunk: Buffer) => {
					text += chunk.toString();
				});
				response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
			});
			asked.on('error', reject);
			asked.end(body);
		});

	/** A key, and the certificate that the cluster gives for it. */
	function issued(name: string): { readonly cert: string; readonly key: string } {
		const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
		const text = [...Buffer.from(name)];
		const cert = issueCertificate(sandbox.simulator.world, {
			request: {
				name: sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, text)))),
				publicKey: [...publicKey.export({ type: 'spki', format: 'der' })],
			} as Parameters<typeof issueCertificate>[1]['request'],
			usages: ['client auth'],
			lifetimeMs: 3_600_000,
		});
		return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
	}

	it('knows its administrator by the token, and strangers not at all', async () => {
		const post = { method: 'POST', body: ASK };
		const known = await send(WHOAMI, { ...post, headers: { authorization: 'Bearer secret' } });
		expect(JSON.parse(known.text)).toMatchObject({ status: { userInfo: { username: 'admin', groups: ['system:masters'] } } });
		expect((await send(WHOAMI, { ...post, headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
		expect((await send(WHOAMI, post)).status).toBe(401);
	});

	it('knows the bearer of a certificate that it signed, and of no other', async () => {
		const post = { method: 'POST', body: ASK };
		const known = await send(WHOAMI, { ...post, ...issued('testuser') });
		expect(JSON.parse(known.text)).toMatchObject({ status: { userInfo: { username: 'testuser', groups: ['system:authenticated'] } } });
		const { certificate: cert, key } = createAuthority('testuser');
		expect((await send(WHOAMI, { ...post, cert, key })).status).toBe(401);
		expect((await send(WHOAMI, { ...post, cert, key, headers: { authorization: 'Bearer secret' } })).status).toBe(201);
	});

	it('writes JSON for people where people ask', async () => {
		const authorization = 'Bearer secret';
		const path = '/api/v1/namespaces/default';
		expect((await send(path, { headers: { authorization } })).text).toMatch(/^\{.*"kind":"Namespace".*\}\n$/);
		const curl = { authorization, 'user-agent': 'curl/8.5.0' };
		expect((await send(path, { headers: curl })).text).toMatch(/^\{\n {2}"kind": "Namespace",\n.*\n\}$/s);
		expect((await send(`${path}?pretty=false`, { headers: curl })).text).toMatch(/^\{"/);
		expect((await send(`${path}?pretty=1`, { headers: { authorization } })).text).toMatch(/^\{\n/);
	});
});
