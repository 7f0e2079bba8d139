import { expect, test } from 'vitest';
import { pull } from '../registry.ts';
import { TestWorld } from '../testing/world.ts';

function image(reference: string) {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	return found.image;
}

const settings = { DATABASE_HOST: 'db', DATABASE_NAME: 'notes', DATABASE_USER: 'notes', DATABASE_PASSWORD: 'secret' };
const database = { POSTGRES_USER: 'notes', POSTGRES_PASSWORD: 'secret' };

test('serves notes from the database and keeps going when it is away', () => {
	const world = new TestWorld();
	const db = world.run('db', image('postgres:17'), { env: database });
	world.advance(5_000);
	expect(db.output).toContain('database system is ready to accept connections');
	const api = world.run('api', image('ghcr.io/foothold/notes-api:1.4.2'), { env: settings });
	world.advance(2_000);
	expect(api.output).toContain('database is ready');
	const created = world.http('api', 8080, 'POST', '/api/notes', '{"text":"buy milk"}');
	expect(created.status).toBe(201);
	expect(JSON.parse(created.body)).toMatchObject({ id: 1, text: 'buy milk' });
	expect(created.headers['x-served-by']).toBe('api');
	expect(JSON.parse(world.http('api', 8080, 'GET', '/api/notes').body)).toHaveLength(1);
	expect(world.http('api', 8080, 'PUT', '/api/notes/1', '{"text":"buy bread"}').body).toContain('buy bread');
	expect(world.http('api', 8080, 'GET', '/api/notes/9').status).toBe(404);
	expect(world.http('api', 8080, 'GET', '/readyz').status).toBe(200);
	db.signal('SIGINT');
	world.advance(100);
	expect(db.exitCode).toBe(0);
	const unready = world.http('api', 8080, 'GET', '/readyz');
	expect(unready.status).toBe(503);
	expect(unready.body).toContain('connect ECONNREFUSED 10.244.1.2:5432');
	expect(world.http('api', 8080, 'GET', '/healthz').status).toBe(200);
	// The volume brings the notes back.
	world.run('db', image('postgres:17'), { env: database, disk: db.files });
	world.advance(1_000);
	expect(world.http('api', 8080, 'GET', '/api/notes/1').body).toContain('buy bread');
	expect(world.http('api', 8080, 'DELETE', '/api/notes/1').status).toBe(204);
	expect(world.http('api', 8080, 'GET', '/metrics').body).toContain('notes_http_requests_total{method="POST",route="/api/notes",status="201"} 1');
});

test('says which settings are missing', () => {
	const world = new TestWorld();
	const api = world.run('api', image('ghcr.io/foothold/notes-api'), { env: { DATABASE_HOST: 'db', PORT: 'tcp://10.96.0.7:80' } });
	expect(api.exitCode).toBe(1);
	expect(api.stdout).toContain('missing required environment variable DATABASE_NAME');
	expect(api.stdout).toContain('PORT must be a port number, got \\"tcp://10.96.0.7:80\\"');
});

test('retries its table and reports wrong passwords in the server’s words', () => {
	const world = new TestWorld();
	const api = world.run('api', image('ghcr.io/foothold/notes-api'), { env: { ...settings, DATABASE_PASSWORD: 'wrong' } });
	world.advance(1_000);
	expect(api.stdout).toContain('getaddrinfo ENOTFOUND db');
	world.run('db', image('postgres:17'), { env: database });
	world.advance(20_000);
	expect(api.stdout).toContain('password authentication failed for user \\"notes\\"');
});

test('is not ready before its table is there, and makes it as soon as the database answers', () => {
	const world = new TestWorld();
	world.run('api', image('ghcr.io/foothold/notes-api'), { env: settings });
	// Ten tries in: the next one is ten seconds away.
	world.advance(60_000);
	world.run('db', image('postgres:17'), { env: database });
	world.advance(2_000);
	const first = world.http('api', 8080, 'GET', '/readyz');
	expect(first.status).toBe(503);
	expect(first.body).toContain('being prepared');
	world.advance(500);
	expect(world.http('api', 8080, 'GET', '/readyz').status).toBe(200);
	expect(world.http('api', 8080, 'POST', '/api/notes', '{"text":"early"}').status).toBe(201);
});

test('finishes what is in flight before it stops', () => {
	const world = new TestWorld();
	const api = world.run('api', image('ghcr.io/foothold/notes-api'), { env: settings });
	let status = 0;
	world.dial('', { host: 'api', port: 8080, request: { protocol: 'http', method: 'GET', path: '/api/slow?seconds=5', headers: {}, body: '' } }, (o) => {
		if (o.ok && o.response.protocol === 'http') status = o.response.status;
	});
	world.advance(1_000);
	api.signal('SIGTERM');
	world.advance(1_000);
	expect(api.exitCode).toBeUndefined();
	world.advance(4_000);
	expect(status).toBe(200);
	expect(api.exitCode).toBe(0);
});
