/** Keeps the certificate authority of a data folder, so that kubeconfigs handed out stay good over restarts. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../durable.ts';
import { type Certificate, createAuthority, createServerCertificate } from './certificates.ts';

const NAMES = ['localhost', '127.0.0.1', '::1'];

export interface ServingCertificate extends Certificate {
	/** PEM of the authority, for kubeconfigs. */
	readonly authority: string;
	/** The authority's private key as a cluster takes it: 64 hexadecimal digits. */
	readonly authorityKey: string;
}

/** An authority and a fresh certificate for this machine's loopback; the authority is kept in `folder`, where one is given, else it is called `name`. */
export async function servingCertificate(folder?: string, name = 'foothold'): Promise<ServingCertificate> {
	const authority = folder === undefined ? createAuthority(name) : await kept(folder);
	const { d = '' } = createPrivateKey(authority.key).export({ format: 'jwk' });
	const authorityKey = Buffer.from(d, 'base64url').toString('hex');
	return { ...createServerCertificate(authority, NAMES), authority: authority.certificate, authorityKey };
}

async function kept(folder: string): Promise<Certificate> {
	const path = join(folder, 'authority.json');
	try {
		const read = JSON.parse(await readFile(path, 'utf8')) as Certificate;
		if (new X509Certificate(read.certificate).validToDate.getTime() > Date.now() + 30 * 86_400_000) return read;
	} catch {
		// None yet, or one that cannot be read: a new one takes its place, and kubeconfigs have to be fetched anew.
	}
	const made = createAuthority('foothold');
	await writeDurably(path, JSON.stringify(made));
	return made;
}
