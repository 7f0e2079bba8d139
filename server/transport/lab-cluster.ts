/**
 * What the page's editor reads of the lab's cluster: its schemas, what it serves, and the names of objects that exist. Reading alone, JSON
 * alone, and of objects never more than their metadata: what a pod serves must not reach the page's own origin.
 */
import { Hono } from 'hono';
import { fault } from '../errors/catalogue.ts';
import type { Sessions } from '../sessions/sessions.ts';

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** How a path may be asked for: its Accept header and query, or undefined where it may not. */
export function readable(path: string, hash: string | undefined): { readonly accept: string; readonly query: string } | undefined {
	const name = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?';
	if (path === '/api' || path === '/apis') return { accept: DISCOVERY, query: '' };
	if (path === '/openapi/v3' || new RegExp(`^/openapi/v3/(api|apis/${name})/${name}$`).test(path))
		return { accept: 'application/json', query: hash === undefined ? '' : `?hash=${encodeURIComponent(hash)}` };
	const collection = new RegExp(`^/(api/${name}|apis/${name}/${name})(/namespaces/${name})?/[a-z0-9]+$`);
	return collection.test(path) ? { accept: METADATA, query: '?limit=500' } : undefined;
}

/** Mounted below `/labs/:lab`. */
export function labClusterRoutes(sessions: Sessions): Hono<{ readonly Variables: { learner: string } }> {
	const app = new Hono<{ readonly Variables: { learner: string } }>();
	app.get('/labs/:lab/cluster/*', async (c) => {
		const lab = sessions.lab(c.req.param('lab'));
		const path = c.req.path.slice(c.req.path.indexOf('/cluster/') + '/cluster'.length);
		const asked = readable(path, c.req.query('hash'));
		if (asked === undefined) throw fault('not-found', { path: c.req.path });
		const { record } = await sessions.session(c.var.learner, lab.definition.id);
		const cluster = await sessions.cluster(record.id);
		if (cluster === undefined) throw fault('sandbox-unknown', { session: record.id });
		const answer = await cluster.endpoint.fetch(
			new Request(`http://cluster${path}${asked.query}`, { headers: { accept: asked.accept }, signal: c.req.raw.signal }),
		);
		// A schema's address names its content.
		const kept = c.req.query('hash') !== undefined && answer.ok ? 'private, max-age=31536000, immutable' : 'no-store';
		return c.body(answer.body as ReadableStream<Uint8Array>, answer.status as 200, { 'content-type': 'application/json', 'cache-control': kept });
	});
	return app;
}
