/** `openssl s_client`: which certificate an ingress shows for a name: its TLS secret's, where it has one. */
import type { CommandContext } from '../../command.ts';
import { apiServerCertificate, isApiServer } from './api-server.ts';
import { dateText, isSignedBy } from './certificate.ts';
import { certificate, certificatesIn } from './inputs.ts';
import { nameText } from './names.ts';
import type { Options } from './options.ts';

interface Ingress {
	readonly metadata: { readonly namespace: string };
	readonly spec?: { readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[] };
}

const covers = (pattern: string, host: string): boolean => pattern === host || (pattern.startsWith('*.') && host.slice(host.indexOf('.')) === pattern.slice(1));

async function secretFor(c: CommandContext, host: string): Promise<string | undefined> {
	const list = await c.cluster.fetch(new Request('http://cluster/apis/networking.k8s.io/v1/ingresses'));
	if (!list.ok) return undefined;
	const { items } = (await list.json()) as { readonly items: readonly Ingress[] };
	for (const i of items)
		for (const t of i.spec?.tls ?? [])
			if ((t.hosts ?? []).some((h) => covers(h, host)) && t.secretName !== undefined) {
				const got = await c.cluster.fetch(new Request(`http://cluster/api/v1/namespaces/${i.metadata.namespace}/secrets/${t.secretName}`));
				if (!got.ok) continue;
				const { data } = (await got.json()) as { readonly data?: { readonly 'tls.crt'?: string } };
				const crt = data?.['tls.crt'];
				if (crt !== undefined) return Buffer.from(crt, 'base64').toString('utf8');
			}
	return undefined;
}

/** Connects as a client would and prints what is shown; status 1 where nobody answers. */
export async function sClient(c: CommandContext, o: Options): Promise<number> {
	const target = o.get('connect') ?? o.rest[0] ?? 'localhost:4433';
	const at = target.lastIndexOf(':');
	const host = at < 0 ? target : target.slice(0, at);
	const port = Number(at < 0 ? 443 : target.slice(at + 1));
	const name = o.get('servername') ?? host;
	if (isApiServer(host, port)) {
		const shown = await apiServerCertificate(c);
		if (shown !== undefined) return show(c, o, { content: shown.certificate, clientCa: true });
	}
	const result = await c.network.request({ method: 'GET', url: `https://${host}:${port}/`, headers: { host: name }, timeoutMs: 10_000, signal: c.io.signal });
	if (!result.ok) {
		const why =
			{ ECONNREFUSED: 'Connection refused', ETIMEDOUT: 'Connection timed out', ENOTFOUND: 'Name or service not known' }[String(result.error)] ??
			String(result.error);
		c.io.stderr(
			result.error === 'EPROTO'
				? `CONNECTED(00000003)\nerror:0A00010B:SSL routines:ssl3_get_record:wrong version number\n`
				: `connect: ${why}\nconnect:errno=111\n`,
		);
		return 1;
	}
	const content = await secretFor(c, name);
	if (content === undefined) {
		c.io.stderr(`CONNECTED(00000003)\nno ingress names a TLS secret for ${name}: its certificate can't be shown here\n`);
		return 1;
	}
	return show(c, o, { content, clientCa: false });
}

/** Prints a connection's certificate and what its verification says; ends when the input does, or with a line `Q`. */
async function show(c: CommandContext, o: Options, shown: { readonly content: string; readonly clientCa: boolean }): Promise<number> {
	const p = certificate(shown.content, undefined, 'certificate');
	const subject = nameText(p.subject);
	const issuer = nameText(p.issuer);
	const path = o.get('CAfile');
	const bundle = path === undefined ? '' : await c.files.read(path).catch(() => '');
	const known = certificatesIn(bundle, path);
	const by = known.find((k) => isSignedBy(p, k.publicKey));
	const self = subject === issuer;
	const verdict = by !== undefined ? '0 (ok)' : self ? '18 (self-signed certificate)' : '21 (unable to verify the first certificate)';
	const lines =
		by !== undefined
			? [...(self ? [] : [`depth=1 ${nameText(by.subject)}`, 'verify return:1']), `depth=0 ${subject}`, 'verify return:1']
			: self
				? [`depth=0 ${subject}`, 'verify error:num=18:self-signed certificate', 'verify return:1']
				: [
						`depth=0 ${subject}`,
						'verify error:num=20:unable to get local issuer certificate',
						'verify return:1',
						`depth=0 ${subject}`,
						'verify error:num=21:unable to verify the first certificate',
						'verify return:1',
					];
	c.io.stderr(`${lines.join('\n')}\n`);
	const pem = `${shown.content.trim()}\n`;
	const all = o.has('showcerts');
	const authorities = shown.clientCa
		? 'Acceptable client certificate CA names\nCN = kubernetes\nCN = front-proxy-ca\n'
		: 'No client certificate CA names sent\n';
	c.io.stdout(
		`CONNECTED(00000003)\n---\nCertificate chain\n 0 s:${subject}\n   i:${issuer}\n   a:PKEY: ${p.publicKey.length > 120 ? 'rsaEncryption, 2048 (bit)' : 'id-ecPublicKey, 256 (bit)'}; sigalg: ${p.publicKey.length > 120 ? 'RSA-SHA256' : 'ecdsa-with-SHA256'}\n   v:NotBefore: ${dateText(p.from)}; NotAfter: ${dateText(p.until)}\n${all ? pem : ''}---\nServer certificate\n${all ? '' : pem}subject=${subject}\nissuer=${issuer}\n---\n${authorities}---\nNew, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256\nVerification${by !== undefined ? ': OK' : ` error: ${verdict.replace(/^\d+ \((.*)\)$/, '$1')}`}\nVerify return code: ${verdict}\n---\n`,
	);
	for (let line = await c.io.read(); line !== null && !/^Q$/m.test(line); line = await c.io.read());
	c.io.stderr('DONE\n');
	return by === undefined && o.has('verify_return_error') ? 1 : 0;
}
