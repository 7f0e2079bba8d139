/** Who can get in, and what could they do then? */
import { type CheckContext, type CheckFunction, fail, pass } from '../../../server/grading/check.ts';
import type { KubeObject } from '../../../server/grading/readers.ts';
import { describe, statusOf } from '../../../server/grading/kube.ts';
import { application, door, NAMESPACE, readyCount, type Tier, type TierName, TIERS } from '../app.ts';

export const podSecurity: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'enforcing the restricted standard gives no warning, and all pods come back under it';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/enforce-version': 'latest' };
		const dry = await c.api.patch('v1/namespaces', undefined, NAMESPACE, { metadata: { labels } }, { dryRun: true });
		if (!dry.ok) return fail(expected, dry.message);
		const complaints = dry.warnings.filter((w) => !/^existing pods in namespace/.test(w));
		if (dry.warnings.length > 0) return fail(expected, (complaints.length > 0 ? complaints : dry.warnings).join('; ').slice(0, 400));
		await c.api.patch('v1/namespaces', undefined, NAMESPACE, { metadata: { labels } });
		const old = new Set<string | undefined>();
		for (const t of TIERS) for (const p of app[t].pods) old.add(p.metadata.uid);
		for (const t of TIERS) for (const p of app[t].pods) await c.api.delete('v1/pods', NAMESPACE, p.metadata.name);
		const back = await c.until(
			async () => {
				const now = await application(c);
				if (typeof now === 'string') return false;
				for (const t of TIERS)
					if (now[t].pods.some((p) => old.has(p.metadata.uid)) || now[t].pods.length < app[t].pods.length || (await readyCount(c, t)) < app[t].pods.length)
						return false;
				return true;
			},
			{ timeoutMs: 240_000, intervalMs: 2000 },
		);
		return back
			? pass('no warning; every pod was made anew under the enforced standard')
			: fail(expected, 'under the enforced standard not every pod came back within four minutes');
	});

interface Cell {
	readonly from: string;
	readonly to: string;
	readonly namespace: string;
	readonly pod: string;
	readonly url: string;
	readonly open: boolean;
}

/** Who must reach whom, and who must not. `tcp:` cells ask for a connection alone. */
function matrix(app: { readonly [n in TierName]: Tier }, curious: string): readonly Cell[] {
	const at = (t: TierName): string => `tcp://${t}.${NAMESPACE}.svc.cluster.local:${app[t].port}`;
	const cell = (from: TierName | 'neighbour', to: string, url: string, open: boolean): Cell =>
		from === 'neighbour'
			? { from, to, namespace: 'neighbours', pod: curious, url, open }
			: { from, to, namespace: NAMESPACE, pod: app[from].pods[0]?.metadata.name ?? '', url, open };
	const internet = 'tcp://1.1.1.1:443';
	const metadata = 'tcp://169.254.169.254:80';
	return [
		cell('web', 'api', at('api'), true),
		cell('api', 'db', at('db'), true),
		cell('web', 'db', at('db'), false),
		cell('db', 'api', at('api'), false),
		cell('db', 'web', at('web'), false),
		cell('neighbour', 'web', at('web'), false),
		cell('neighbour', 'api', at('api'), false),
		cell('neighbour', 'db', at('db'), false),
		cell('web', 'the internet', internet, false),
		cell('api', 'the internet', internet, false),
		cell('db', 'the internet', internet, false),
		cell('web', 'the metadata address', metadata, false),
		cell('api', 'the metadata address', metadata, false),
	];
}

export const connectivity: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'open: ingress to web, web to api, api to db, names looked up by web and api; closed: everything else, in and out';
		const app = await application(c);
		if (typeof app === 'string') return fail(expected, app);
		const curious = (await c.api.list('v1/pods', 'neighbours')).find((p) => p.status?.phase === 'Running');
		if (curious === undefined) return { outcome: 'ungraded', reason: 'the pod in the namespace neighbours does not run; start the lab over to have it back' };
		const wrong: string[] = [];
		const page = await door(c, 'GET', '/');
		if (statusOf(page) !== 200) wrong.push(`ingress to web: ${describe(page)}`);
		const cells = matrix(app, curious.metadata.name);
		for (const k of cells) {
			// Names are resolved where the cell is open, so an open cell also proves that DNS is.
			const r = await c.network.request({
				method: 'GET',
				url: k.open ? k.url : await byAddress(c, k.url),
				connectTimeoutMs: 3000,
				timeoutMs: 3000,
				fromPod: { namespace: k.namespace, name: k.pod },
			});
			if (r.ok !== k.open) wrong.push(`${k.from} to ${k.to}: ${r.ok ? 'open' : describe(r)}`);
		}
		return wrong.length === 0 ? pass(`${cells.length + 1} of ${cells.length + 1} as they should be`) : fail(expected, wrong.join('; '));
	});

/** A Service's own address in place of its name: a closed door must be closed to those who know the address. */
async function byAddress(c: CheckContext, url: string): Promise<string> {
	const m = /^tcp:\/\/(\w+)\.notes\.svc\.cluster\.local:(\d+)$/.exec(url);
	if (m === null) return url;
	const service = await c.api.get('v1/services', NAMESPACE, m[1] ?? '');
	const ip = String(service?.spec?.clusterIP ?? '');
	if (ip !== 'None' && ip !== '') return `tcp://${ip}:${m[2]}`;
	const slice = (await c.api.list('discovery.k8s.io/v1/endpointslices', NAMESPACE, `kubernetes.io/service-name=${m[1]}`))[0];
	return `tcp://${String(slice?.['endpoints']?.[0]?.addresses?.[0] ?? ip)}:${Number(slice?.['ports']?.[0]?.port ?? m[2])}`;
}

/** Kinds that people can read without being allowed to read Secrets. */
const READABLE = [
	'v1/pods',
	'v1/configmaps',
	'v1/services',
	'v1/serviceaccounts',
	'v1/events',
	'v1/namespaces',
	'v1/nodes',
	'v1/persistentvolumes',
	'v1/persistentvolumeclaims',
	'apps/v1/deployments',
	'apps/v1/replicasets',
	'apps/v1/statefulsets',
	'apps/v1/daemonsets',
	'apps/v1/controllerrevisions',
	'batch/v1/jobs',
	'batch/v1/cronjobs',
	'networking.k8s.io/v1/ingresses',
	'networking.k8s.io/v1/networkpolicies',
	'policy/v1/poddisruptionbudgets',
	'autoscaling/v2/horizontalpodautoscalers',
	'rbac.authorization.k8s.io/v1/roles',
	'rbac.authorization.k8s.io/v1/rolebindings',
];

export const secret: CheckFunction = async (c) => {
	const expected = 'your database password is in a Secret in the namespace notes, in no other object, and nobody but you may read that Secret';
	const value = c.token('db-password');
	const base64 = btoa(value);
	const holders = (await c.api.list('v1/secrets', NAMESPACE)).filter(
		(s) =>
			JSON.stringify(s['data'] ?? {}).includes(base64.replace(/=+$/, '')) ||
			Object.values((s['data'] ?? {}) as { readonly [k: string]: string }).some((v) => decoded(v).includes(value)),
	);
	if (holders.length === 0) return fail(expected, 'no Secret in the namespace holds the password of ~/notes/db-password.txt');
	for (const resource of READABLE) {
		for (const o of await c.api.list(resource)) {
			const text = JSON.stringify(o);
			if (text.includes(value) || text.includes(base64))
				return fail(
					expected,
					`${o.kind ?? resource.split('/').at(-1)} ${o.metadata.namespace === undefined ? '' : `${o.metadata.namespace}/`}${o.metadata.name} holds the password`,
				);
		}
	}
	const readers: string[] = [];
	const accounts = await c.api.list('v1/serviceaccounts');
	for (const a of accounts) {
		if (a.metadata.namespace !== NAMESPACE && a.metadata.namespace !== 'neighbours') continue;
		const user = `system:serviceaccount:${a.metadata.namespace}:${a.metadata.name}`;
		if (
			await c.api.mayUser(
				user,
				['system:serviceaccounts', `system:serviceaccounts:${a.metadata.namespace}`, 'system:authenticated'],
				'get',
				'secrets',
				NAMESPACE,
			)
		)
			readers.push(user);
	}
	return readers.length === 0
		? pass(`only the Secret ${holders.map((h) => h.metadata.name).join(', ')} holds it`)
		: fail(expected, `${readers.join(', ')} may read Secrets in ${NAMESPACE}`);
};

function decoded(base64: string): string {
	try {
		return atob(base64);
	} catch {
		return '';
	}
}

/** What a tier's account must not be able to do. */
const FORBIDDEN: readonly (readonly [verb: string, resource: string, group: string])[] = [
	['list', 'secrets', ''],
	['get', 'configmaps', ''],
	['list', 'pods', ''],
	['create', 'pods', ''],
	['patch', 'deployments', 'apps'],
	['create', 'rolebindings', 'rbac.authorization.k8s.io'],
];

export const identity: CheckFunction = async (c) => {
	const expected = 'web, api and db each run under a ServiceAccount of their own (not default), without a mounted token, and it may do nothing in the API';
	const app = await application(c);
	if (typeof app === 'string') return fail(expected, app);
	const used = new Map<string, TierName>();
	for (const t of TIERS) {
		for (const p of app[t].pods) {
			const account = String(p.spec?.serviceAccountName ?? 'default');
			if (account === 'default') return fail(expected, `${p.metadata.name} runs as the account "default"`);
			const other = used.get(account);
			if (other !== undefined && other !== t) return fail(expected, `${other} and ${t} share the account "${account}"`);
			used.set(account, t);
			const token = ((p.spec?.volumes ?? []) as readonly KubeObject[]).some((v) =>
				((v['projected']?.sources ?? []) as readonly KubeObject[]).some((s) => s['serviceAccountToken'] !== undefined),
			);
			if (token) return fail(expected, `${p.metadata.name} has a token of the API server mounted`);
		}
	}
	for (const account of used.keys()) {
		const user = `system:serviceaccount:${NAMESPACE}:${account}`;
		for (const [verb, resource, group] of FORBIDDEN) {
			if (
				await c.api.mayUser(user, ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'], verb, resource, NAMESPACE, group)
			)
				return fail(expected, `the account "${account}" may ${verb} ${resource}`);
		}
	}
	return pass(`accounts ${[...used.keys()].join(', ')}; none has rights or a mounted token`);
};

/** A version with at least major and minor, or a digest. */
const PINNED = /(:v?\d+\.\d+(\.\d+)*(-[a-z0-9.]+)?(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/;
const REGISTRIES: { readonly [t in TierName]: RegExp } = {
	web: /^(docker\.io\/)?(library\/)?(nginx|nginxinc\/nginx-unprivileged)[:@]/,
	api: /^ghcr\.io\/foothold\/notes-api[:@]/,
	db: /^(docker\.io\/)?(library\/)?postgres[:@]/,
};

export const images: CheckFunction = async (c) => {
	const expected =
		'every container of the three tiers names a version (major and minor at least) or a digest, and the serving ones are the images of the brief';
	const app = await application(c);
	if (typeof app === 'string') return fail(expected, app);
	for (const t of TIERS) {
		for (const p of app[t].pods) {
			const all = [...((p.spec?.containers ?? []) as readonly KubeObject[]), ...((p.spec?.initContainers ?? []) as readonly KubeObject[])];
			const loose = all.map((k) => String(k['image'])).find((i) => !PINNED.test(i));
			if (loose !== undefined) return fail(expected, `${p.metadata.name} runs ${loose}`);
			if (!all.some((k) => REGISTRIES[t].test(String(k['image']))))
				return fail(expected, `${p.metadata.name} runs none of the images that the brief names for ${t}`);
			const statuses = (p.status?.containerStatuses ?? []) as readonly { readonly name: string; readonly imageID: string }[];
			const unknown = statuses.find((s) => !/sha256:[0-9a-f]{64}$/.test(s.imageID));
			if (unknown !== undefined) return fail(expected, `${p.metadata.name} has no image running in the container ${unknown.name}`);
		}
	}
	return pass('all pinned, all running');
};
