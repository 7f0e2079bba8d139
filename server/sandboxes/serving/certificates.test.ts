import { X509Certificate } from 'node:crypto';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAuthority, createServerCertificate } from './certificates.ts';

describe('certificates of our own', () => {
	const authority = createAuthority('foothold');
	const server = createServerCertificate(authority, ['localhost', '127.0.0.1', '::1']);

	it('are an authority and a certificate that it signed', () => {
		const ca = new X509Certificate(authority.certificate);
		const leaf = new X509Certificate(server.certificate);
		expect(ca.ca).toBe(true);
		expect(leaf.ca).toBe(false);
		expect(leaf.verify(ca.publicKey)).toBe(true);
		expect(leaf.checkIssued(ca)).toBe(true);
		expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
		expect(leaf.checkIP('::1')).toBe('::1');
		expect(leaf.checkHost('localhost')).toBe('localhost');
	});

	it('make a TLS connection that a client with the authority trusts, and no other', async () => {
		const https = createServer({ cert: server.certificate, key: server.key }, (_, response) => response.end('hello'));
		await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
		const { port } = https.address() as AddressInfo;
		const fetchWith = (ca: string): Promise<string> =>
			new Promise((resolve, reject) => {
				get({ host: '127.0.0.1', port, ca, agent: false }, (response) => {
					response.on('data', (chunk: Buffer) => resolve(chunk.toString()));
				}).on('error', reject);
			});
		await expect(fetchWith(authority.certificate)).resolves.toBe('hello');
		await expect(fetchWith(createAuthority('other').certificate)).rejects.toThrow();
		https.close();
	});
});
