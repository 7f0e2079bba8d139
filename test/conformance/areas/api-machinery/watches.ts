/** Watches, lists in chunks, resource versions, Tables, the version. */
import { type KubernetesListObject, makeInformer, type V1ConfigMap, Watch } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { meta, pod } from '../pods.ts';
import { also, spec } from '../spec.ts';

const map = (name: string, labels: { [key: string]: string } = {}, data: { [key: string]: string } = {}): object => ({
	apiVersion: 'v1',
	kind: 'ConfigMap',
	metadata: meta(name, labels),
	data,
});
const maps = (c: Cluster) => c.at<V1ConfigMap>('v1/configmaps');

spec('watch-configmaps-with-multiple-watchers', async (c) => {
	const [a, b, either] = await Promise.all(['watch=A', 'watch=B', 'watch in (A,B)'].map((s) => maps(c).watch(s)));
	if (a === undefined || b === undefined || either === undefined) throw new Error('no watches');
	await maps(c).create(map('a', { watch: 'A' }));
	await maps(c).patch('a', { data: { mutation: '1' } });
	await maps(c).patch('a', { data: { mutation: '2' } });
	await maps(c).delete('a');
	await maps(c).create(map('b', { watch: 'B' }));
	await maps(c).delete('b');
	await either.seen('DELETED b');
	const ofA = ['ADDED a', 'MODIFIED a', 'MODIFIED a', 'DELETED a'];
	const ofB = ['ADDED b', 'DELETED b'];
	expect([a.summary(), b.summary(), either.summary()]).toEqual([ofA, ofB, [...ofA, ...ofB]]);
	for (const w of [a, b, either]) w.stop();
});

spec('watch-configmaps-from-resource-version', async (c) => {
	const first = await maps(c).create(map('a'));
	const second = await maps(c).patch('a', { data: { mutation: '1' } });
	await maps(c).patch('a', { data: { mutation: '2' } });
	await maps(c).delete('a');
	const watch = await maps(c).watch('', `resourceVersion=${second.metadata?.resourceVersion}`);
	await watch.seen('DELETED a');
	expect(watch.summary()).toEqual(['MODIFIED a', 'DELETED a']);
	// What a deletion shows is the last state, at the deletion's own revision.
	const last = watch.events.at(-1)?.object;
	expect([last?.data, Number(last?.metadata.resourceVersion) > Number(first.metadata?.resourceVersion)]).toEqual([{ mutation: '2' }, true]);
	watch.stop();
});

spec('watch-configmaps-closed-and-restarted', async (c) => {
	const before = await maps(c).watch('w=r');
	await maps(c).create(map('a', { w: 'r' }));
	await maps(c).patch('a', { data: { mutation: '1' } });
	await before.until((w) => w.events.length === 2);
	before.stop();
	const at = before.events.at(-1)?.object.metadata.resourceVersion;
	await maps(c).patch('a', { data: { mutation: '2' } });
	await maps(c).delete('a');
	const after = await maps(c).watch('w=r', `resourceVersion=${at}`);
	await after.seen('DELETED a');
	expect(after.summary()).toEqual(['MODIFIED a', 'DELETED a']);
	after.stop();
});

spec('watch-configmaps-label-changed', async (c) => {
	const watch = await maps(c).watch('watch=it');
	await maps(c).create(map('a', { watch: 'it' }));
	await maps(c).patch('a', { data: { mutation: '1' } });
	await maps(c).patch('a', { metadata: { labels: { watch: 'no' } } });
	await maps(c).patch('a', { data: { mutation: '2' } });
	await maps(c).patch('a', { metadata: { labels: { watch: 'it' } } });
	await maps(c).patch('a', { data: { mutation: '3' } });
	await maps(c).delete('a');
	await watch.until((w) => w.events.length === 6);
	expect(watch.summary()).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED a', 'MODIFIED a', 'DELETED a']);
	expect(watch.events.map((e) => e.object.data?.['mutation'])).toEqual([undefined, '1', '1', '2', '3', '3']);
	watch.stop();
});

spec('watch-consistency', async (c) => {
	const reference = await maps(c).watch();
	const names = ['a', 'b', 'c'];
	for (let i = 0; i < 30; i++) {
		const name = names[i % 3] ?? 'a';
		if (await maps(c).gone(name)) await maps(c).create(map(name));
		else if (i % 5 === 0) await maps(c).delete(name);
		else await maps(c).patch(name, { data: { i: String(i) } });
	}
	await reference.until((w) => w.events.filter((e) => names.includes(e.object.metadata.name)).length === 30);
	const versions = reference.events.map((e) => e.object.metadata.resourceVersion);
	expect([...versions.slice(-30)].sort((x, y) => Number(x) - Number(y))).toEqual(versions.slice(-30));
	for (const at of versions.slice(-30, -1)) {
		const other = await maps(c).watch('', `resourceVersion=${at}`);
		const left = versions.slice(versions.indexOf(at) + 1);
		await other.until((w) => w.events.length >= left.length);
		expect(other.events.map((e) => e.object.metadata.resourceVersion)).toEqual(left);
		other.stop();
	}
	reference.stop();
});

also('a watch sends its initial events and the bookmark that ends them, and bookmarks as time passes', async (c) => {
	await maps(c).create(map('a', { b: 'k' }));
	const watch = await maps(c).watch('b=k', 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=300');
	await watch.until((w) => w.events.length === 2);
	expect(watch.events[1]).toMatchObject({
		type: 'BOOKMARK',
		object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
	});
	await c.pass(70);
	await watch.until((w) => w.events.length > 2);
	expect(watch.events[2]?.type).toBe('BOOKMARK');
	await c.pass(300);
	await watch.until((w) => w.ended);
});

/** Time and changes enough for old revisions to be compacted. */
async function age(c: Cluster): Promise<void> {
	await c.pass(400);
	for (let i = 0; i < 80; i++) await maps(c).patch('m0', { data: { at: String(i) } });
}

also('a watch from a revision long gone ends in 410', async (c) => {
	const made = await maps(c).create(map('m0'));
	await maps(c).patch('m0', { data: { first: 'y' } });
	await age(c);
	const tooOld = await maps(c).watch('', `resourceVersion=${made.metadata?.resourceVersion}`);
	await tooOld.until((w) => w.events.length > 0);
	expect(tooOld.events[0]).toMatchObject({
		type: 'ERROR',
		object: { kind: 'Status', code: 410, reason: 'Expired', message: expect.stringMatching(/^too old resource version: \d+ \(\d+\)$/) as string },
	});
	await tooOld.until((w) => w.ended);
	expect(await maps(c).try('GET', '?watch=1&resourceVersion=x')).toMatchObject({ status: 400 });
});

also('lists come in chunks of one revision, and an expired token says how to go on', async (c) => {
	for (let i = 0; i < 7; i++) await maps(c).create(map(`m${i}`, { chunk: 'y' }));
	const first = await maps(c).page('chunk=y', 'limit=3');
	// With a selector no count is given: nobody knows it.
	expect([first.items.length, first.metadata.remainingItemCount]).toEqual([3, undefined]);
	await maps(c).delete('m5');
	const token = encodeURIComponent(first.metadata.continue ?? '');
	const second = await maps(c).page('chunk=y', `limit=3&continue=${token}`);
	const third = await maps(c).page('chunk=y', `limit=3&continue=${encodeURIComponent(second.metadata.continue ?? '')}`);
	expect([...first.items, ...second.items, ...third.items].map((m) => m.metadata?.name)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6']);
	expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
	expect(third.metadata.continue ?? '').toBe('');
	const whole = await maps(c).page('', 'limit=2');
	expect(whole.metadata.remainingItemCount).toBe((await maps(c).list()).length - 2);
	// Five minutes later the revision is compacted.
	await age(c);
	const gone = await maps(c).try('GET', `?limit=3&continue=${token}`);
	expect(gone).toMatchObject({ status: 410, body: { reason: 'Expired', metadata: { continue: expect.any(String) as string } } });
	const on = (gone.body as unknown as { metadata: { continue: string } }).metadata.continue;
	const rest = await maps(c).page('', `limit=500&continue=${encodeURIComponent(on)}`);
	expect(rest.items.map((m) => m.metadata?.name).filter((n) => n?.startsWith('m'))).toEqual(['m3', 'm4', 'm6']);
	expect(await maps(c).try('GET', '?continue=nonsense')).toMatchObject({ status: 400 });
});

also('resource versions of get and list', async (c) => {
	const made = await maps(c).create(map('a'));
	const at = made.metadata?.resourceVersion ?? '';
	expect((await maps(c).try('GET', `/a?resourceVersion=${at}`)).status).toBe(200);
	expect((await maps(c).try('GET', '/a?resourceVersion=0')).status).toBe(200);
	expect((await maps(c).try('GET', `?resourceVersion=${at}&resourceVersionMatch=Exact`)).status).toBe(200);
	const match = await maps(c).try('GET', '?resourceVersionMatch=Exact');
	expect(match).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
	expect(match.body.message).toContain('resourceVersionMatch is forbidden unless resourceVersion is provided');
	const future = await maps(c).try('GET', `?resourceVersion=${Number(at) + 1_000_000}`);
	expect(future).toMatchObject({ status: 504, body: { reason: 'Timeout', message: expect.stringContaining('Too large resource version') as string } });
	// A write at an old revision conflicts.
	await maps(c).patch('a', { data: { x: '1' } });
	const stale = await maps(c).try('PUT', '/a', { body: made });
	expect(stale).toMatchObject({
		status: 409,
		body: {
			reason: 'Conflict',
			message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
		},
	});
});

spec('API metadata HTTP return', async (c) => {
	const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
	const refused = await c.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
		body: { spec: { resourceAttributes: { namespace: 'default' } } },
		headers: { accept },
	});
	expect(refused).toMatchObject({ status: 406, body: { reason: 'NotAcceptable' } });
});

also('Tables: of pods, in chunks, of nodes with includeObject, in watches', async (c) => {
	interface Table {
		readonly kind: string;
		readonly columnDefinitions: readonly { name: string }[];
		readonly rows: readonly { cells: readonly unknown[]; object: { kind: string } }[];
		readonly metadata: { continue?: string };
	}
	const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
	for (const name of ['p1', 'p2']) await c.at('v1/pods').create(pod(name));
	const one = await c.send<Table>('GET', '/api/v1/namespaces/default/pods/p1', { headers });
	expect([one.body.kind, one.body.columnDefinitions[0]?.name, one.body.rows[0]?.cells[0], one.body.rows[0]?.object.kind]).toEqual([
		'Table',
		'Name',
		'p1',
		'PartialObjectMetadata',
	]);
	const page = await c.send<Table>('GET', '/api/v1/namespaces/default/pods?limit=1', { headers });
	expect([page.body.rows.length, (page.body.metadata.continue ?? '') !== '']).toEqual([1, true]);
	const nodes = await c.send<Table>('GET', '/api/v1/nodes?includeObject=Object', { headers });
	expect([nodes.body.rows.length, nodes.body.rows[0]?.object.kind]).toEqual([3, 'Node']);
	const none = await c.send<Table>('GET', '/api/v1/nodes?includeObject=None', { headers });
	expect(none.body.rows[0]?.object ?? null).toBeNull();
});

also('the client library’s watch and informer follow a resource', async (c) => {
	const config = c.config();
	const { CoreV1Api } = await import('@kubernetes/client-node');
	const core = config.makeApiClient(CoreV1Api);
	const seen: string[] = [];
	const informer = makeInformer(
		config,
		'/api/v1/namespaces/default/configmaps',
		(): Promise<KubernetesListObject<V1ConfigMap>> => core.listNamespacedConfigMap({ namespace: 'default' }),
	);
	for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, (o: V1ConfigMap) => seen.push(`${verb} ${o.metadata?.name}`));
	await informer.start();
	const ended = new Promise<string[]>((resolve, reject) => {
		const types: string[] = [];
		new Watch(config)
			.watch(
				'/api/v1/namespaces/default/configmaps',
				{ fieldSelector: 'metadata.name=a' },
				(type: string) => types.push(type),
				(error: unknown) => (types.length > 0 ? resolve(types) : reject(error as Error)),
			)
			.then((controller) => setTimeout(() => controller.abort(), 300), reject);
	});
	await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'a' }, data: { k: '1' } } });
	await core.replaceNamespacedConfigMap({ namespace: 'default', name: 'a', body: { metadata: { name: 'a' }, data: { k: '2' } } });
	await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'a' });
	await c.until('the informer has followed', () => seen.includes('delete a'));
	expect(seen.filter((s) => s.endsWith(' a'))).toEqual(['add a', 'update a', 'delete a']);
	expect(informer.get('kube-root-ca.crt', 'default')?.metadata?.name).toBe('kube-root-ca.crt');
	expect(informer.list().map((m) => m.metadata?.name)).toEqual(['kube-root-ca.crt']);
	await informer.stop();
	expect(await ended).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
});

spec('Confirm a server version', async (c) => {
	const version = await c.get<{ major: string; minor: string; gitVersion: string }>('/version');
	expect([version.major, version.minor]).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);
	expect(version.gitVersion).toBe(`v${version.major}.${version.minor}.0`);
});
