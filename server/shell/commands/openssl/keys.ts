/** openssl genrsa, genpkey, ecparam and rsa, ec, pkey: keys made, checked and printed. */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { CommandContext } from '../../command.ts';
import type { Parsed } from './certificate.ts';
import { Fault, readInput, writeOutput } from './inputs.ts';
import type { Options } from './options.ts';

const generate = promisify(generateKeyPair);

/** A key as `rsa:2048`, `ec` with a curve, or `ed25519`. */
export async function makeKey(kind: string, bits: number, curve: string): Promise<KeyObject> {
	if (kind === 'rsa') {
		if (!(bits >= 512 && bits <= 8192)) throw new Fault(`Error: RSA keys have 512 to 8192 bits here, not ${bits}`);
		return (await generate('rsa', { modulusLength: bits })).privateKey;
	}
	if (kind === 'ed25519') return (await generate('ed25519')).privateKey;
	const names: { readonly [name: string]: string } = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };
	try {
		return (await generate('ec', { namedCurve: names[curve] ?? curve })).privateKey;
	} catch {
		throw new Fault(`ecparam: Unknown curve name (${curve})`);
	}
}

/** Reads a private key from a file or standard input. */
export async function privateKey(c: CommandContext, path: string | undefined): Promise<KeyObject> {
	const content = await readInput(c, path);
	try {
		return createPrivateKey(content);
	} catch {
		throw new Fault(`Could not find private key from ${path ?? '<stdin>'}`);
	}
}

/** A private key as PKCS #8. */
export const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** The public key in a certificate or request. */
export const publicOf = (p: Parsed): KeyObject => createPublicKey({ key: p.publicKey, format: 'der', type: 'spki' });

/** An RSA key's modulus in hexadecimal. */
export const modulus = (key: KeyObject): string =>
	Buffer.from(String(key.export({ format: 'jwk' }).n ?? ''), 'base64url')
		.toString('hex')
		.toUpperCase();

/** Makes an RSA key. */
export async function genrsa(c: CommandContext, o: Options): Promise<number> {
	const key = await makeKey('rsa', Number(o.rest.at(-1) ?? 2048), '');
	await writeOutput(c, o.get('out'), keyPem(key));
	return 0;
}

/** Makes a key of any kind known here. */
export async function genpkey(c: CommandContext, o: Options): Promise<number> {
	const settings = Object.fromEntries(o.all('pkeyopt').map((p) => p.split(':') as [string, string]));
	const kind = (o.get('algorithm') ?? 'RSA').toLowerCase();
	if (!['rsa', 'ec', 'ed25519'].includes(kind)) throw new Fault(`Error initializing ${o.get('algorithm')} context`);
	const key = await makeKey(kind, Number(settings['rsa_keygen_bits'] ?? 2048), settings['ec_paramgen_curve'] ?? 'P-256');
	await writeOutput(c, o.get('out'), keyPem(key));
	return 0;
}

/** Makes a key on a named curve. */
export async function ecparam(c: CommandContext, o: Options): Promise<number> {
	if (!o.has('genkey')) throw new Fault('ecparam: use -name CURVE -genkey here');
	await writeOutput(c, o.get('out'), keyPem(await makeKey('ec', 0, o.get('name') ?? 'prime256v1')));
	return 0;
}

/** rsa, ec, pkey: a key checked, turned into its public half, or printed again. */
export async function pkey(c: CommandContext, o: Options): Promise<number> {
	const content = await readInput(c, o.get('in'));
	const key = o.has('pubin') ? createPublicKey(content) : await privateKey({ ...c, io: { ...c.io, stdin: content, read: async () => null } }, undefined);
	if (o.has('check')) c.io.stdout(`${key.asymmetricKeyType === 'rsa' ? 'RSA key ok' : 'Key is valid'}\n`);
	if (o.has('modulus')) c.io.stdout(`Modulus=${modulus(key)}\n`);
	if (o.has('noout')) return 0;
	await writeOutput(c, o.get('out'), o.has('pubout') || o.has('pubin') ? createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString() : keyPem(key));
	return 0;
}
