/** Which backend a request belongs to, by the Ingress objects of class nginx. Models ingress-nginx's server and location order. */
import type { KubeObject } from '../../apiserver/types.ts';

interface Backend {
	readonly service?: { readonly name: string; readonly port?: { readonly number?: number; readonly name?: string } };
}

interface IngressSpec {
	readonly ingressClassName?: string;
	readonly defaultBackend?: Backend;
	readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
	readonly rules?: readonly {
		readonly host?: string;
		readonly http?: { readonly paths?: readonly { readonly path?: string; readonly pathType?: string; readonly backend: Backend }[] };
	}[];
}

export interface Target {
	readonly namespace: string;
	readonly ingress: string;
	readonly service: string;
	readonly port: { readonly number?: number; readonly name?: string };
	/** The path to ask the backend for. */
	readonly path: string;
	/** Plain requests are sent to https (ssl-redirect): the host has TLS. */
	readonly redirect: boolean;
	/** proxy-connect-timeout and proxy-read-timeout of the Ingress, ms; ingress-nginx's own where it does not say. */
	readonly connectMs?: number;
	readonly readMs?: number;
}

const ANNOTATION = 'nginx.ingress.kubernetes.io/';

export function ingressSpec(ingress: KubeObject): IngressSpec {
	return (ingress['spec'] ?? {}) as IngressSpec;
}

/** Ours by class name or by the old annotation. */
export function isOurs(ingress: KubeObject): boolean {
	const name = ingressSpec(ingress).ingressClassName ?? ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
	return name === 'nginx';
}

function hostRank(rule: string | undefined, host: string): number {
	if (rule === undefined || rule === '') return 1;
	if (rule === host) return 3;
	return rule.startsWith('*.') && host.slice(host.indexOf('.')) === rule.slice(1) ? 2 : 0;
}

/** Prefix matches whole path elements; Exact the path itself; ImplementationSpecific is nginx's plain prefix location. */
function pathMatches(type: string | undefined, path: string, asked: string): boolean {
	if (type === 'Exact') return asked === path;
	if (type === 'Prefix') {
		const base = path.replace(/\/+$/, '');
		return base === '' || asked === base || asked.startsWith(`${base}/`);
	}
	return asked.startsWith(path);
}

interface Match {
	readonly rank: readonly [number, number, number];
	readonly target: Target;
}

function better(a: Match, b: Match | undefined): boolean {
	if (b === undefined) return true;
	for (let i = 0; i < 3; i++) {
		const x = a.rank[i] ?? 0;
		const y = b.rank[i] ?? 0;
		if (x !== y) return x > y;
	}
	return false;
}

function rewrite(ingress: KubeObject, pattern: string, asked: string): string | undefined {
	const target = ingress.metadata.annotations?.[`${ANNOTATION}rewrite-target`];
	if (target === undefined) return asked;
	try {
		const m = new RegExp(`^${pattern}`, 'i').exec(asked);
		return m === null ? undefined : target.replace(/\$(\d)/g, (_whole, n: string) => m[Number(n)] ?? '');
	} catch {
		// nginx would refuse the location; the request falls through to the others.
		return undefined;
	}
}

function redirects(ingress: KubeObject, host: string): boolean {
	if (ingress.metadata.annotations?.[`${ANNOTATION}ssl-redirect`] === 'false') return false;
	return (ingressSpec(ingress).tls ?? []).some((t) => (t.hosts ?? []).some((h) => hostRank(h, host) >= 2));
}

/** A timeout annotation: whole seconds, as ingress-nginx takes them; any other text is passed over. */
function timeout(ingress: KubeObject, name: string): number | undefined {
	const text = ingress.metadata.annotations?.[`${ANNOTATION}${name}`] ?? '';
	return /^\d+$/.test(text) ? Number(text) * 1000 : undefined;
}

/** The best match over all Ingresses: exact host before wildcard before none, exact path before the longest prefix, older objects first. */
export function findTarget(ingresses: readonly KubeObject[], host: string, asked: string): Target | undefined {
	let best: Match | undefined;
	const ours = ingresses.filter(isOurs).sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
	for (const ingress of ours) {
		const spec = ingressSpec(ingress);
		const consider = (backend: Backend | undefined, rank: readonly [number, number, number], path: string): void => {
			if (backend?.service === undefined) return;
			const [connectMs, readMs] = [timeout(ingress, 'proxy-connect-timeout'), timeout(ingress, 'proxy-read-timeout')];
			const target: Target = {
				namespace: ingress.metadata.namespace ?? '',
				ingress: ingress.metadata.name,
				service: backend.service.name,
				port: backend.service.port ?? {},
				path,
				redirect: redirects(ingress, host),
				...(connectMs === undefined ? {} : { connectMs }),
				...(readMs === undefined ? {} : { readMs }),
			};
			const match = { rank, target };
			if (better(match, best)) best = match;
		};
		consider(spec.defaultBackend, [0, 0, 0], asked);
		const usesRegex =
			ingress.metadata.annotations?.[`${ANNOTATION}rewrite-target`] !== undefined || ingress.metadata.annotations?.[`${ANNOTATION}use-regex`] === 'true';
		for (const rule of spec.rules ?? []) {
			const onHost = hostRank(rule.host, host);
			if (onHost === 0) continue;
			for (const p of rule.http?.paths ?? []) {
				const path = p.path ?? '/';
				const regex = usesRegex && p.pathType !== 'Exact';
				const to = rewrite(ingress, path, asked);
				if (to === undefined || !(regex ? matchesRegex(path, asked) : pathMatches(p.pathType, path, asked))) continue;
				consider(p.backend, [onHost, p.pathType === 'Exact' ? 1 : 0, path.length], to);
			}
		}
	}
	return best?.target;
}

function matchesRegex(pattern: string, asked: string): boolean {
	try {
		return new RegExp(`^${pattern}`, 'i').test(asked);
	} catch {
		return false;
	}
}
