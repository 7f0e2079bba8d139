/**
 * The certificate that the simulated API server shows on port 6443, as kubeadm makes it (`apiserver.crt`: app/phases/certs/certlist.go):
 * signed by the cluster's authority, good for a year. Only where the cluster has the authority that all simulated ones share, whose key
 * is no secret; a real cluster's key is nobody's to have.
 */
import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { DEFAULT_AUTHORITIES } from '../../../simulator/apiserver/certificates/default-authority.ts';
import type { CommandContext } from '../../command.ts';
import { makeCertificate, parse } from './certificate.ts';
import { unpem } from '../../../der.ts';
import { encodeExtension } from './extensions.ts';
import { encodeName } from './names.ts';

const NAMES =
	'DNS:foothold-control-plane,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:10.96.0.1,IP:172.18.0.2,IP:127.0.0.1';
const HOSTS = new Set(NAMES.split(',').map((n) => n.slice(n.indexOf(':') + 1)));
const SERVICE = /^(10\.96\.0\.1|kubernetes(\.default(\.svc(\.cluster\.local)?)?)?)$/;

/** Whether an address is the API server's: its node's port 6443, or the service's 443. */
export const isApiServer = (host: string, port: number): boolean => HOSTS.has(host) && port === (SERVICE.test(host) ? 443 : 6443);

/** A P-256 key of 32 bytes in hexadecimal. */
function keyOf(hex: string): KeyObject {
	const ecdh = createECDH('prime256v1');
	ecdh.setPrivateKey(Buffer.from(hex, 'hex'));
	const point = ecdh.getPublicKey();
	const part = (from: number): string => point.subarray(from, from + 32).toString('base64url');
	return createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', d: Buffer.from(hex, 'hex').toString('base64url'), x: part(1), y: part(33) } });
}

/** Certificates made, by the moment their cluster began: a signature is another each time. */
const made = new Map<number, string>();
const MOST = 200;

/** The API server's certificate and its authority's, as PEM; undefined where the cluster's authority is not the simulator's. */
export async function apiServerCertificate(c: CommandContext): Promise<{ readonly certificate: string; readonly authority: string } | undefined> {
	const got = await c.cluster.fetch(new Request('http://cluster/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt')).catch(() => undefined);
	if (!got?.ok) return undefined;
	const map = (await got.json()) as { readonly metadata: { readonly creationTimestamp: string }; readonly data?: { readonly 'ca.crt'?: string } };
	const authority = DEFAULT_AUTHORITIES.full;
	if (map.data?.['ca.crt']?.trim() !== authority.certificate.trim()) return undefined;
	const from = Date.parse(map.metadata.creationTimestamp);
	let certificate = made.get(from);
	if (certificate === undefined) {
		const der = unpem(authority.certificate, 'CERTIFICATE');
		const issuer = der === undefined ? undefined : parse(der, 'certificate')?.subject?.whole;
		const subject = encodeName('/CN=kube-apiserver');
		if (issuer === undefined || typeof subject === 'string') return undefined;
		const own = createHash('sha256').update(`kube-apiserver ${authority.key}`).digest();
		const extensions = [
			'keyUsage=critical,digitalSignature,keyEncipherment',
			'extendedKeyUsage=serverAuth',
			'basicConstraints=critical,CA:FALSE',
			`subjectAltName=${NAMES}`,
		].map(encodeExtension);
		certificate = makeCertificate({
			subject,
			issuer,
			publicKey: createPublicKey(keyOf(own.toString('hex'))).export({ type: 'spki', format: 'der' }),
			signer: keyOf(authority.key),
			serial: createHash('sha256').update(`serial ${from}`).digest().subarray(0, 8).fill(0x2a, 0, 1),
			from,
			days: 365,
			extensions: extensions.filter((e) => typeof e !== 'string'),
		});
		if (made.size >= MOST) made.clear();
		made.set(from, certificate);
	}
	return { certificate, authority: authority.certificate };
}
