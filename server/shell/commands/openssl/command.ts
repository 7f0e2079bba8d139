/** `openssl`: the subcommands with which people make keys, requests and certificates for Kubernetes, and read them. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { bytesFromText, textFromBytes } from '../../bytes.ts';
import type { Command, CommandContext } from '../../command.ts';
import { dateText, isSignedBy, makeCertificate, makeRequest, type Parsed, parse, subjectKeyId, text } from './certificate.ts';
import { octets, oid, pem, sequence, tagged, unpem } from './der.ts';
import { encodeExtension, extensionTexts } from './extensions.ts';
import { encodeName, nameText } from './names.ts';
import { type Options, optionsOf } from './options.ts';
import { sClient } from './s-client.ts';

const generate = promisify(generateKeyPair);

class Fault extends Error {}

async function readInput(c: CommandContext, path: string | undefined): Promise<string> {
	if (path !== undefined && path !== '-')
		return c.files.read(path).catch(() => {
			throw new Fault(`Can't open "${path}" for reading, No such file or directory`);
		});
	let all = c.io.stdin;
	for (let part = await c.io.read(); part !== null; part = await c.io.read()) all += part;
	return all;
}

async function writeOutput(c: CommandContext, path: string | undefined, content: string): Promise<void> {
	if (path === undefined || path === '-') c.io.stdout(content);
	else
		await c.files.write(path, content).catch((e: unknown) => {
			throw new Fault(`Can't open "${path}" for writing, ${e instanceof Error ? e.message : String(e)}`);
		});
}

async function privateKey(c: CommandContext, path: string | undefined): Promise<KeyObject> {
	const content = await readInput(c, path);
	try {
		return createPrivateKey(content);
	} catch {
		throw new Fault(`Could not find private key from ${path ?? '<stdin>'}`);
	}
}

/** A key as `rsa:2048`, `ec` with a curve, or `ed25519`. */
async function makeKey(kind: string, bits: number, curve: string): Promise<KeyObject> {
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

const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function certificate(content: string, path: string | undefined, kind: Parsed['kind']): Parsed {
	const der = unpem(content, kind === 'request' ? '(?:NEW )?CERTIFICATE REQUEST' : 'CERTIFICATE');
	const parsed = der === undefined ? undefined : parse(der, kind);
	if (parsed === undefined) throw new Fault(`Could not find ${kind === 'request' ? 'certificate request' : 'certificate'} from ${path ?? '<stdin>'}`);
	return parsed;
}

function name(subject: string): Buffer {
	const encoded = encodeName(subject);
	if (typeof encoded === 'string') throw new Fault(`req: ${encoded}`);
	return encoded;
}

function extensions(lines: readonly string[]): Buffer[] {
	return lines.map((line) => {
		const encoded = encodeExtension(line);
		if (typeof encoded === 'string') throw new Fault(`Error adding extensions: ${encoded}`);
		return encoded;
	});
}

/** `name = value` lines of a section of a configuration; of the whole file where no section is named. */
function section(config: string, wanted: string | undefined): readonly string[] {
	const out: string[] = [];
	let current = '';
	const sections = new Map<string, string[]>();
	for (const raw of config.split('\n')) {
		const line = raw.replace(/\s*#.*$/, '').trim();
		const head = /^\[\s*(.+?)\s*\]$/.exec(line)?.[1];
		if (head !== undefined) current = head;
		else if (line.includes('=')) sections.set(current, [...(sections.get(current) ?? []), line]);
	}
	for (const line of sections.get(wanted ?? '') ?? []) {
		// `subjectAltName = @alt_names` names a section of alternatives.
		const reference = /=\s*@(\S+)$/.exec(line)?.[1];
		if (reference === undefined) out.push(line);
		else out.push(`${line.slice(0, line.indexOf('='))}=${(sections.get(reference) ?? []).map((l) => l.replace(/^(\w+)\.?\d*\s*=\s*/, '$1:')).join(',')}`);
	}
	return out;
}

async function genrsa(c: CommandContext, o: Options): Promise<number> {
	const key = await makeKey('rsa', Number(o.rest.at(-1) ?? 2048), '');
	await writeOutput(c, o.get('out'), keyPem(key));
	return 0;
}

async function genpkey(c: CommandContext, o: Options): Promise<number> {
	const settings = Object.fromEntries(o.all('pkeyopt').map((p) => p.split(':') as [string, string]));
	const kind = (o.get('algorithm') ?? 'RSA').toLowerCase();
	if (!['rsa', 'ec', 'ed25519'].includes(kind)) throw new Fault(`Error initializing ${o.get('algorithm')} context`);
	const key = await makeKey(kind, Number(settings['rsa_keygen_bits'] ?? 2048), settings['ec_paramgen_curve'] ?? 'P-256');
	await writeOutput(c, o.get('out'), keyPem(key));
	return 0;
}

async function ecparam(c: CommandContext, o: Options): Promise<number> {
	if (!o.has('genkey')) throw new Fault('ecparam: use -name CURVE -genkey here');
	await writeOutput(c, o.get('out'), keyPem(await makeKey('ec', 0, o.get('name') ?? 'prime256v1')));
	return 0;
}

/** rsa, ec, pkey: a key checked, turned into its public half, or printed again. */
async function pkey(c: CommandContext, o: Options): Promise<number> {
	const content = await readInput(c, o.get('in'));
	const key = o.has('pubin') ? createPublicKey(content) : await privateKey({ ...c, io: { ...c.io, stdin: content, read: async () => null } }, undefined);
	if (o.has('check')) c.io.stdout(`${key.asymmetricKeyType === 'rsa' ? 'RSA key ok' : 'Key is valid'}\n`);
	if (o.has('modulus')) c.io.stdout(`Modulus=${modulus(key)}\n`);
	if (o.has('noout')) return 0;
	await writeOutput(c, o.get('out'), o.has('pubout') || o.has('pubin') ? createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString() : keyPem(key));
	return 0;
}

const modulus = (key: KeyObject): string =>
	Buffer.from(String(key.export({ format: 'jwk' }).n ?? ''), 'base64url')
		.toString('hex')
		.toUpperCase();

const publicOf = (p: Parsed): KeyObject => createPublicKey({ key: p.publicKey, format: 'der', type: 'spki' });

const serialOf = (given: string | undefined): Buffer => {
	if (given !== undefined)
		return Buffer.from(
			given
				.replace(/^0x/, '')
				.padStart(2, '0')
				.replace(/^(.(..)*)$/, '0$1'),
			'hex',
		);
	const serial = randomBytes(20);
	serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
	return serial;
};

/** What `req` reads or makes: a request, or with -x509 a certificate of its own. */
async function req(c: CommandContext, o: Options): Promise<number> {
	const config = o.get('config') === undefined ? '' : await readInput(c, o.get('config'));
	const making = o.has('new') || o.has('x509') || o.get('newkey') !== undefined;
	if (!making) return showRequest(c, o);
	let key: KeyObject;
	const wanted = o.get('newkey');
	if (o.get('key') !== undefined) key = await privateKey(c, o.get('key'));
	else {
		const [kind = 'rsa', size] = (wanted ?? 'rsa:2048').split(':');
		key = await makeKey(
			kind,
			Number(size ?? 2048),
			o
				.all('pkeyopt')
				.find((p) => p.startsWith('ec_paramgen_curve:'))
				?.split(':')[1] ?? 'P-256',
		);
		await writeOutput(c, o.get('keyout') ?? 'privkey.pem', keyPem(key));
	}
	const fromConfig = section(
		config,
		section(config, 'req')
			.find((l) => /^distinguished_name/.test(l))
			?.split('=')[1]
			?.trim(),
	).map((l) => `/${l.replace(/\s*=\s*/, '=')}`);
	const subject = o.get('subj') ?? (fromConfig.length > 0 ? fromConfig.join('') : undefined);
	if (subject === undefined) throw new Fault('req: give the subject: -subj "/CN=jane/O=dev"');
	const which =
		o.get(o.has('x509') ? 'extensions' : 'reqexts') ??
		section(config, 'req')
			.find((l) => l.startsWith(o.has('x509') ? 'x509_extensions' : 'req_extensions'))
			?.split('=')[1]
			?.trim();
	const wantedExtensions = extensions([...section(config, which ?? '-'), ...o.all('addext')]);
	if (!o.has('x509')) {
		await writeOutput(c, o.get('out'), makeRequest(name(subject), key, wantedExtensions));
		return 0;
	}
	const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
	const own = [identifier('2.5.29.14', octets(subjectKeyId(publicKey))), identifier('2.5.29.35', sequence(tagged(0x80, subjectKeyId(publicKey))))];
	const basic = o.all('addext').some((x) => x.startsWith('basicConstraints')) ? [] : extensions(['basicConstraints=critical,CA:TRUE']);
	const made = makeCertificate({
		subject: name(subject),
		issuer: name(subject),
		publicKey,
		signer: key,
		serial: serialOf(o.get('set_serial')),
		from: c.clock.now(),
		days: Number(o.get('days') ?? 30),
		extensions: [...own, ...basic, ...wantedExtensions],
	});
	await writeOutput(c, o.get('out'), made);
	return 0;
}

const identifier = (id: string, body: Buffer): Buffer => sequence(oid(id), octets(body));

async function showRequest(c: CommandContext, o: Options): Promise<number> {
	const request = certificate(await readInput(c, o.get('in')), o.get('in'), 'request');
	if (o.has('verify')) c.io.stderr(`Certificate request self-signature verify ${isSignedBy(request, request.publicKey) ? 'OK' : 'failure'}\n`);
	if (o.has('text')) c.io.stdout(text(request));
	if (o.has('subject')) c.io.stdout(`subject=${nameText(request.subject)}\n`);
	if (o.has('pubkey')) c.io.stdout(publicOf(request).export({ type: 'spki', format: 'pem' }).toString());
	if (!o.has('noout')) await writeOutput(c, o.get('out'), pem('CERTIFICATE REQUEST', request.der));
	return 0;
}

/** `x509 -req -CA`: signs a request. */
async function signRequest(c: CommandContext, o: Options): Promise<number> {
	const request = certificate(await readInput(c, o.get('in')), o.get('in'), 'request');
	const caPath = o.get('CA');
	const own = o.get('signkey') ?? o.get('key');
	if (caPath === undefined && own === undefined) throw new Fault('We need a private key to sign with, use -key or -CAkey or -CA with private key');
	c.io.stderr(
		`Certificate request self-signature ${isSignedBy(request, request.publicKey) ? 'ok' : 'did not match the contents'}\nsubject=${nameText(request.subject)}\n`,
	);
	const authority = caPath === undefined ? undefined : certificate(await readInput(c, caPath), caPath, 'certificate');
	const signer = await privateKey(c, authority === undefined ? own : (o.get('CAkey') ?? caPath));
	if (authority !== undefined && !createPublicKey(signer).export({ type: 'spki', format: 'der' }).equals(authority.publicKey))
		throw new Fault('CA certificate and CA private key do not match');
	const extfile = o.get('extfile') === undefined ? '' : await readInput(c, o.get('extfile'));
	const copied =
		o.get('copy_extensions') === 'copy' || o.get('copy_extensions') === 'copyall' ? (request.extensions === undefined ? [] : splitExtensions(request)) : [];
	const made = makeCertificate({
		subject: request.subject?.whole ?? sequence(),
		issuer: authority?.subject?.whole ?? request.subject?.whole ?? sequence(),
		publicKey: request.publicKey,
		signer,
		serial: serialOf(o.get('set_serial')),
		from: c.clock.now(),
		days: Number(o.get('days') ?? 30),
		extensions: [...extensions(section(extfile, o.get('extensions'))), ...copied],
	});
	await writeOutput(c, o.get('out'), made);
	return 0;
}

function splitExtensions(request: Parsed): Buffer[] {
	const list = request.extensions;
	return list === undefined ? [] : extensionElements(list.content);
}

function extensionElements(content: Buffer): Buffer[] {
	const out: Buffer[] = [];
	for (let at = 0; at < content.length; ) {
		const first = content[at + 1] ?? 0;
		const size = first < 0x80 ? 2 + first : 2 + (first & 0x7f) + content.readUIntBE(at + 2, Math.max(1, first & 0x7f));
		out.push(content.subarray(at, at + size));
		at += size;
	}
	return out;
}

async function x509(c: CommandContext, o: Options): Promise<number> {
	if (o.has('req')) return signRequest(c, o);
	const p = certificate(await readInput(c, o.get('in')), o.get('in'), 'certificate');
	const say = (t: string): void => c.io.stdout(`${t}\n`);
	const hex = (b: Buffer): string => b.toString('hex').toUpperCase();
	for (const option of o.order) {
		if (option === 'text') c.io.stdout(text(p));
		else if (option === 'subject') say(`subject=${nameText(p.subject)}`);
		else if (option === 'issuer') say(`issuer=${nameText(p.issuer)}`);
		else if (option === 'dates') say(`notBefore=${dateText(p.from)}\nnotAfter=${dateText(p.until)}`);
		else if (option === 'startdate') say(`notBefore=${dateText(p.from)}`);
		else if (option === 'enddate') say(`notAfter=${dateText(p.until)}`);
		else if (option === 'serial') say(`serial=${hex(p.serial).replace(/^00(?=.)/, '')}`);
		else if (option === 'modulus') say(`Modulus=${modulus(publicOf(p))}`);
		else if (option === 'pubkey') c.io.stdout(publicOf(p).export({ type: 'spki', format: 'pem' }).toString());
		else if (option === 'fingerprint') {
			const sha256 = o.has('sha256');
			say(
				`${sha256 ? 'sha256' : 'SHA1'} Fingerprint=${(
					createHash(sha256 ? 'sha256' : 'sha1')
						.update(p.der)
						.digest('hex')
						.toUpperCase()
						.match(/../g) ?? []
				).join(':')}`,
			);
		} else if (option === 'ext') {
			const names: { readonly [n: string]: string } = {
				subjectAltName: '2.5.29.17',
				keyUsage: '2.5.29.15',
				extendedKeyUsage: '2.5.29.37',
				basicConstraints: '2.5.29.19',
			};
			const wanted = (o.get('ext') ?? '').split(',').map((n) => names[n]);
			const found = extensionTexts(p.extensions).filter((x) => wanted.includes(x.id));
			if (found.length === 0) c.io.stderr('No extensions matching the names were found in the certificate\n');
			for (const x of found) say(`${x.title}:${x.critical ? ' critical' : ' '}\n    ${x.text}`);
		}
	}
	let status = 0;
	const end = o.get('checkend');
	if (end !== undefined) {
		const expires = p.until < c.clock.now() + Number(end) * 1000;
		say(expires ? 'Certificate will expire' : 'Certificate will not expire');
		status = expires ? 1 : 0;
	}
	if (!o.has('noout')) await writeOutput(c, o.get('out'), pem('CERTIFICATE', p.der));
	return status;
}

async function verifyChain(c: CommandContext, o: Options): Promise<number> {
	const bundle = o.get('CAfile') === undefined ? '' : await readInput(c, o.get('CAfile'));
	const untrusted = o.get('untrusted') === undefined ? '' : await readInput(c, o.get('untrusted'));
	const blocks = `${bundle}\n${untrusted}`.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
	const known = blocks.map((b) => certificate(b, undefined, 'certificate'));
	let status = 0;
	for (const path of o.rest) {
		const p = certificate(await readInput(c, path), path, 'certificate');
		const by = known.find((k) => k.subject !== undefined && p.issuer !== undefined && k.subject.whole.equals(p.issuer.whole) && isSignedBy(p, k.publicKey));
		const now = c.clock.now();
		const fault =
			p.until < now
				? [10, 'certificate has expired']
				: p.from > now
					? [9, 'certificate is not yet valid']
					: by !== undefined
						? undefined
						: isSignedBy(p, p.publicKey)
							? [18, 'self-signed certificate']
							: [20, 'unable to get local issuer certificate'];
		if (fault === undefined) c.io.stdout(`${path}: OK\n`);
		else {
			c.io.stderr(`${nameText(p.subject)}\nerror ${fault[0]} at 0 depth lookup: ${fault[1]}\nerror ${path}: verification failed\n`);
			status = 2;
		}
	}
	return status;
}

async function rand(c: CommandContext, o: Options): Promise<number> {
	const count = Number(o.rest.at(-1));
	if (!Number.isInteger(count) || count < 1 || count > 1_000_000) throw new Fault('rand: Use -help for summary. (from 1 to 1000000 bytes here)');
	const bytes = randomBytes(count);
	const content = o.has('hex')
		? `${bytes.toString('hex')}\n`
		: o.has('base64')
			? `${bytes.toString('base64').replace(/(.{64})(?!$)/g, '$1\n')}\n`
			: textFromBytes(bytes);
	await writeOutput(c, o.get('out'), content);
	return 0;
}

/** `enc -base64` and `base64`. Ciphers of files are no use here. */
async function enc(c: CommandContext, o: Options): Promise<number> {
	if (!o.has('base64') && !o.has('a')) throw new Fault('enc: only -base64 (-a) is here');
	const content = await readInput(c, o.get('in'));
	if (o.has('d')) await writeOutput(c, o.get('out'), textFromBytes(Buffer.from(content, 'base64')));
	else {
		const encoded = bytesFromText(content).toString('base64');
		await writeOutput(c, o.get('out'), `${o.has('A') ? encoded : encoded.replace(/(.{64})(?!$)/g, '$1\n')}${o.has('A') ? '' : '\n'}`);
	}
	return 0;
}

async function dgst(c: CommandContext, o: Options): Promise<number> {
	const algorithm = ['sha1', 'sha256', 'sha384', 'sha512', 'md5'].find((a) => o.has(a)) ?? 'sha256';
	for (const path of o.rest.length === 0 ? [undefined] : o.rest) {
		const digest = createHash(algorithm)
			.update(bytesFromText(await readInput(c, path)))
			.digest('hex');
		c.io.stdout(`${algorithm.toUpperCase().replace('SHA', 'SHA2-').replace('SHA2-1', 'SHA1')}(${path ?? 'stdin'})= ${digest}\n`);
	}
	return 0;
}

const SUBCOMMANDS: { readonly [name: string]: (c: CommandContext, o: Options) => Promise<number> } = {
	genrsa,
	genpkey,
	ecparam,
	rsa: pkey,
	ec: pkey,
	pkey,
	req,
	x509,
	verify: verifyChain,
	rand,
	enc,
	base64: (c, o) => enc(c, { ...o, has: (n) => n === 'base64' || o.has(n) }),
	dgst,
	s_client: (c, o) => sClient(c, o, certificate),
	version: async (c) => {
		c.io.stdout('OpenSSL 3.5.0 8 Apr 2025 (Library: OpenSSL 3.5.0 8 Apr 2025)\n');
		return 0;
	},
};

export const openssl: Command = {
	name: 'openssl',
	summary: 'make and read keys, certificate requests and certificates',
	help: `Usage: openssl COMMAND [OPTIONS]
  genrsa [-out F] [BITS]      genpkey -algorithm RSA|EC|ED25519 [-out F]     ecparam -name CURVE -genkey
  req -new -key K -subj /CN=jane/O=dev [-addext subjectAltName=DNS:a] -out F.csr     req -in F.csr -noout -text
  req -x509 -newkey rsa:2048 -nodes -keyout K -out C -days 365 -subj /CN=host
  x509 -in C -noout -text|-subject|-issuer|-dates|-serial|-ext NAME|-checkend SECONDS
  x509 -req -in F.csr -CA CA -CAkey K [-days N] [-extfile F] -out C     verify -CAfile CA C
  s_client -connect HOST:PORT [-servername NAME] [-showcerts]
  rand -hex|-base64 BYTES     base64 [-d] [-in F]     dgst -sha256 F     rsa|ec|pkey -in K [-pubout] [-check]     version
`,
	async run(args, context) {
		const [subcommand, ...rest] = args;
		const run = subcommand === undefined ? undefined : Object.hasOwn(SUBCOMMANDS, subcommand) ? SUBCOMMANDS[subcommand] : undefined;
		if (run === undefined) {
			if (subcommand === undefined || subcommand === 'help') context.io.stdout(openssl.help);
			else context.io.stderr(`Invalid command '${subcommand}'; type "help" for a list.\n`);
			return subcommand === undefined || subcommand === 'help' ? 0 : 1;
		}
		try {
			return await run(context, optionsOf(rest));
		} catch (e) {
			if (!(e instanceof Fault)) throw e;
			context.io.stderr(`${e.message}\n`);
			return 1;
		}
	},
};
