/** openssl req: certificate requests, and with -x509 certificates that sign themselves. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { CommandContext } from '../../command.ts';
import { isSignedBy, makeCertificate, makeRequest, subjectKeyId, text } from './certificate.ts';
import { octets, oid, pem, sequence, tagged } from '../../../der.ts';
import { certificate, Fault, readInput, section, writeOutput } from './inputs.ts';
import { keyPem, makeKey, privateKey, publicOf } from './keys.ts';
import { nameText } from './names.ts';
import type { Options } from './options.ts';
import { extensions, name, serialOf } from './signing.ts';

/** What `req` reads or makes: a request, or with -x509 a certificate of its own. */
export async function req(c: CommandContext, o: Options): Promise<number> {
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
