/** `openssl s_client`: which certificate an ingress shows for a name: its TLS secret's, where it has one. */
import type { CommandContext } from '../../command.ts';
import { dateText, type Parsed } from './certificate.ts';
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

export async function sClient(
	c: CommandContext,
	o: Options,
	read: (content: string, path: string | undefined, kind: Parsed['kind']) => Parsed,
): Promise<number> {
	const target = o.get('connect') ?? o.rest[0] ?? 'localhost:4433';
	const at = target.lastIndexOf(':');
	const host = at < 0 ? target : target.slice(0, at);
	const port = Number(at < 0 ? 443 : target.slice(at + 1));
	const name = o.get('servername') ?? host;
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
	const p = read(content, undefined, 'certificate');
	const subject = nameText(p.subject);
	const issuer = nameText(p.issuer);
	const self = subject === issuer;
	const verdict = self ? '18 (self-signed certificate)' : '20 (unable to get local issuer certificate)';
	c.io.stderr(`depth=0 ${subject}\nverify error:num=${self ? '18:self-signed certificate' : '20:unable to get local issuer certificate'}\nverify return:1\n`);
	c.io.stdout(
		`CONNECTED(00000003)\n---\nCertificate chain\n 0 s:${subject}\n   i:${issuer}\n   v:NotBefore: ${dateText(p.from)}; NotAfter: ${dateText(p.until)}\n---\nServer certificate\n${content.trimEnd()}\nsubject=${subject}\nissuer=${issuer}\n---\nNo client certificate CA names sent\n---\nNew, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\nVerify return code: ${verdict}\n---\nDONE\n`,
	);
	return 0;
}
