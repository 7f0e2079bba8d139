/** The world outside the cluster, as far as anybody asks: a few public hosts, and the metadata service of a cloud. */
import type { Request, Response } from './types.ts';

/** Names that a public resolver knows → address. Addresses of documentation or of the hosts themselves. */
export const PUBLIC_NAMES: { readonly [name: string]: string } = {
	'example.com': '93.184.215.14',
	'www.example.com': '93.184.215.14',
	'one.one.one.one': '1.1.1.1',
	'dns.google': '8.8.8.8',
	'kubernetes.io': '15.197.167.90',
	'github.com': '140.82.121.4',
	'registry.k8s.io': '34.96.108.209',
	'registry-1.docker.io': '98.85.153.80',
	'pypi.org': '151.101.0.223',
	'google.com': '142.250.185.78',
	'www.google.com': '142.250.185.78',
	'deb.debian.org': '151.101.2.132',
};

const METADATA_ADDRESS = '169.254.169.254';
const REACHABLE = new Set([...Object.values(PUBLIC_NAMES), METADATA_ADDRESS, '1.0.0.1', '8.8.4.4']);
const PORTS = new Set([80, 443, 53]);

/** How an address outside answers a connection: reached, refused, or silence. */
export function reach(address: string, port: number): 'open' | 'refused' | 'silent' {
	if (!REACHABLE.has(address)) return 'silent';
	if (address === METADATA_ADDRESS) return port === 80 ? 'open' : 'refused';
	return PORTS.has(port) ? 'open' : 'silent';
}

const http = (status: number, body: string, type = 'text/html'): Response => ({
	protocol: 'http',
	status,
	headers: { 'content-type': type, 'content-length': String(body.length) },
	body,
});

/** The instance metadata service of a cloud, version 1: what a policy should keep pods from. */
function metadata(path: string): Response {
	if (path === '/' || path === '') return http(200, 'latest\n', 'text/plain');
	if (/^\/latest\/?$/.test(path)) return http(200, 'dynamic\nmeta-data\nuser-data\n', 'text/plain');
	if (/^\/latest\/meta-data\/?$/.test(path)) return http(200, 'hostname\niam/\ninstance-id\nlocal-ipv4\n', 'text/plain');
	if (path === '/latest/meta-data/instance-id') return http(200, 'i-0f00740ld000000000', 'text/plain');
	if (/^\/latest\/meta-data\/iam\/security-credentials\/?$/.test(path)) return http(200, 'foothold-node', 'text/plain');
	if (path === '/latest/meta-data/iam/security-credentials/foothold-node') {
		return http(
			200,
			'{\n  "Code" : "Success",\n  "Type" : "AWS-HMAC",\n  "AccessKeyId" : "ASIAEXAMPLEEXAMPLE00",\n  "SecretAccessKey" : "example-not-a-key",\n  "Token" : "example"\n}',
			'application/json',
		);
	}
	return http(404, 'Not Found\n', 'text/plain');
}

/** What a public host answers; undefined where it would not speak the request's protocol. */
export function answer(address: string, port: number, request: Request): Response | undefined {
	if (request.protocol === 'tcp') return { protocol: 'tcp', data: '' };
	if (request.protocol !== 'http') return undefined;
	if (address === METADATA_ADDRESS) return metadata(request.path.split('?')[0] ?? '/');
	if (port === 53) return undefined;
	const host = request.headers['host'] ?? address;
	return http(200, `<!doctype html>\n<html><head><title>${host}</title></head><body><h1>${host}</h1></body></html>\n`);
}
