/** openssl x509: certificates shown, and with -req made of a request. */
import { createHash, createPublicKey } from 'node:crypto';
import type { CommandContext } from '../../command.ts';
import { dateText, isSignedBy, makeCertificate, text } from './certificate.ts';
import { inside, pem, sequence } from '../../../der.ts';
import { extensionTexts } from './extensions.ts';
import { certificate, Fault, readInput, section, writeOutput } from './inputs.ts';
import { modulus, privateKey, publicOf } from './keys.ts';
import { nameText } from './names.ts';
import type { Options } from './options.ts';
import { extensions, serialOf } from './signing.ts';

/** Prints what the options ask of a certificate, in their order. Status 1 where -checkend says that it expires. */
export async function x509(c: CommandContext, o: Options): Promise<number> {
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
	const copied = o.get('copy_extensions') === 'copy' || o.get('copy_extensions') === 'copyall' ? inside(request.extensions).map((e) => e.whole) : [];
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
