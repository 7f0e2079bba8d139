/**
 * Who signs this installation's badges: an RSA key made at the first start, kept beside the data with the owner's rights alone.
 * Its public half is the issuer's name (`did:jwk`), so that a badge can be verified without asking anybody. RS256 is the one
 * algorithm that every Open Badges 3.0 verifier must know (1EdTech OB 3.0, 8.2.2).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { writeDurably } from '../durable.ts';
import { fault } from '../errors/catalogue.ts';
import type { Issuer } from '../protocol/portfolio.ts';

export const ALGORITHM = 'RS256';
const MODULUS_BITS = 2048;
const FILE = 'issuer-key.json';

export interface Signer {
	readonly issuer: Issuer;
	readonly key: CryptoKey;
}

/** The key in a data folder, made where there is none. Rejects with `issuer-key-damaged` where it cannot be read: a new one would disown every badge. */
export async function openSigner(data: string): Promise<Signer> {
	const path = join(data, FILE);
	const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return undefined;
		throw fault('issuer-key-damaged', { path, why: error.message }, error);
	});
	if (text === undefined) {
		const { privateKey } = await generateKeyPair(ALGORITHM, { modulusLength: MODULUS_BITS, extractable: true });
		const jwk = await exportJWK(privateKey);
		await writeDurably(path, Buffer.from(`${JSON.stringify(jwk)}\n`));
		return signerOf(jwk);
	}
	try {
		return await signerOf(JSON.parse(text) as JWK);
	} catch (error) {
		throw fault('issuer-key-damaged', { path, why: error instanceof Error ? error.message : String(error) }, error);
	}
}

async function signerOf(jwk: JWK): Promise<Signer> {
	const { kty, n, e } = jwk;
	if (kty !== 'RSA' || n === undefined || e === undefined) throw new Error('it is no RSA key');
	const key = await importJWK(jwk, ALGORITHM);
	if (key instanceof Uint8Array) throw new Error('it is no RSA key');
	const open = { kty, n, e, alg: ALGORITHM, use: 'sig' };
	return {
		key,
		issuer: {
			id: `did:jwk:${Buffer.from(JSON.stringify(open)).toString('base64url')}`,
			name: 'Foothold',
			jwk: open,
			thumbprint: await calculateJwkThumbprint(open),
		},
	};
}
