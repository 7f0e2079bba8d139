import { beforeAll, expect, test } from 'vitest';
import type { Outcome } from '../network/types.ts';
import { SYSTEM_USERS } from '../services.ts';
import { Simulator } from '../simulator.ts';

/** 2026-11-20T18:00:00Z. */
const START = 1_795_197_600_000;

const meta = (name: string) => ({ name, namespace: 'default', labels: { app: name } });

function deployment(name: string, container: { readonly [field: string]: unknown }, volumes: readonly unknown[] = []) {
	const labels = { app: name };
	return {
		apiVersion: 'apps/v1',
		kind: 'Deployment',
		metadata: meta(name),
		spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name, ...container }], volumes } } },
	};
}
const service = (name: string, port: number) => ({
	apiVersion: 'v1',
	kind: 'Service',
	metadata: meta(name),
	spec: { selector: { app: name }, ports: [{ port, targetPort: port }] },
});
const env = (values: { readonly [name: string]: string }) => Object.entries(values).map(([name, value]) => ({ name, value }));

class Cluster {
	readonly simulator = Simulator.boot({ seed: 7, now: START, hosts: [] });
	private calls = 0;

	run(seconds: number): void {
		this.simulator.apply({ at: this.simulator.now + seconds * 1000, kind: 'tick' });
	}
	request(method: string, url: string, body?: unknown) {
		const request = {
			method,
			url,
			headers: { 'content-type': 'application/json' },
			user: SYSTEM_USERS.admin,
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		};
		return this.simulator.apply({ at: this.simulator.now, kind: 'request', request }).response;
	}
	create(path: string, object: unknown): void {
		const status = this.request('POST', path, object)?.status;
		if (status !== 201) throw new Error(`${path}: ${status}`);
	}
	pod(app: string): { readonly name: string; readonly uid: string; readonly ready: boolean } {
		const list = this.request('GET', `/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`)?.json as {
			readonly items: readonly {
				readonly metadata: { readonly name: string; readonly uid: string };
				readonly status: { readonly containerStatuses?: readonly { readonly ready: boolean }[] };
			}[];
		};
		const pod = list.items[0];
		return { name: pod?.metadata.name ?? '', uid: pod?.metadata.uid ?? '', ready: pod?.status.containerStatuses?.every((c) => c.ready) ?? false };
	}
	log(app: string): string {
		return this.request('GET', `/api/v1/namespaces/default/pods/${this.pod(app).name}/log`)?.text ?? '';
	}
	exec(app: string, command: readonly string[], seconds = 30): string {
		const query = command.map((c) => `command=${encodeURIComponent(c)}`).join('&');
		const stream = this.request('POST', `/api/v1/namespaces/default/pods/${this.pod(app).name}/exec?stdout=true&stderr=true&${query}`)?.stream;
		if (stream === undefined) throw new Error('no stream');
		this.run(seconds);
		return this.simulator
			.readStream(stream.id, 0)
			.chunks.filter((c) => c.channel < 3)
			.map((c) => c.data)
			.join('');
	}
	http(app: string, host: string, port: number, method: string, path: string, body = ''): Outcome | undefined {
		const id = `call${++this.calls}`;
		const dial = {
			from: { kind: 'pod', uid: this.pod(app).uid },
			host,
			port,
			request: { protocol: 'http', method, path, headers: { host }, body },
			timeoutMs: 10_000,
		} as const;
		this.simulator.apply({ at: this.simulator.now, kind: 'dial', id, dial });
		this.run(12);
		return this.simulator.outcome(id);
	}
}

const conf = `server { listen 80; location / { root /usr/share/nginx/html; } location /api/ { proxy_pass http://api:8080; proxy_set_header Host $host; } }`;
let cluster: Cluster;

beforeAll(() => {
	cluster = new Cluster();
	const settings = { DATABASE_HOST: 'db', DATABASE_NAME: 'notes', DATABASE_USER: 'notes', DATABASE_PASSWORD: 'secret' };
	cluster.create('/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { 'default.conf': conf } });
	for (const [name, port] of [
		['web', 80],
		['api', 8080],
		['db', 5432],
	] as const)
		cluster.create('/api/v1/namespaces/default/services', service(name, port));
	const deployments = '/apis/apps/v1/namespaces/default/deployments';
	cluster.create(
		deployments,
		deployment('db', {
			image: 'postgres:17',
			env: env({ POSTGRES_USER: 'notes', POSTGRES_PASSWORD: 'secret' }),
			readinessProbe: { exec: { command: ['pg_isready', '-U', 'notes'] } },
		}),
	);
	cluster.create(
		deployments,
		deployment('api', { image: 'ghcr.io/foothold/notes-api:1.4.2', env: env(settings), readinessProbe: { httpGet: { path: '/readyz', port: 8080 } } }),
	);
	cluster.create(
		deployments,
		deployment('web', { image: 'nginx:1.29', volumeMounts: [{ name: 'conf', mountPath: '/etc/nginx/conf.d' }] }, [
			{ name: 'conf', configMap: { name: 'web' } },
		]),
	);
	cluster.create(deployments, deployment('box', { image: 'busybox:1.37', command: ['sh', '-c', 'while true; do date +%s; sleep 5; done'] }));
	cluster.run(120);
});

test('a request travels web → api → database', () => {
	for (const app of ['web', 'api', 'db', 'box']) expect(cluster.pod(app).ready, `${app}: ${cluster.log(app)}`).toBe(true);
	const made = cluster.http('box', 'web', 80, 'POST', '/api/notes', '{"text":"through three tiers"}');
	expect(made).toMatchObject({ ok: true, response: { status: 201 } });
	expect(cluster.exec('box', ['wget', '-qO-', 'http://web/api/notes'])).toContain('through three tiers');
	expect(cluster.exec('db', ['psql', '-U', 'notes', '-tAc', 'SELECT text FROM notes'])).toBe('through three tiers\n');
	expect(cluster.log('web')).toMatch(/"POST \/api\/notes HTTP\/1\.1" 201/);
});

test('scripts run, and say what a real one would', () => {
	expect(cluster.log('box').trim().split('\n').length).toBeGreaterThan(10);
	expect(cluster.exec('box', ['sh', '-c', 'for i in 1 2; do echo $i; sleep 1; done | wc -l; nslookup web | grep ^Name; nope'])).toMatch(
		/^2\nName:\tweb\.default\.svc\.cluster\.local\nsh: nope: not found\n$/,
	);
	expect(cluster.exec('web', ['sh', '-c', 'curl -s -o /dev/null -w "%{http_code}" http://localhost/; nginx -t 2>&1 | tail -n 1'])).toContain(
		'200nginx: configuration file /etc/nginx/nginx.conf test is successful',
	);
	expect(cluster.exec('api', ['ls'], 1)).toBe('');
});

test('without its database the api is up but not ready, and the proxy passes that on', () => {
	cluster.request('PATCH', '/apis/apps/v1/namespaces/default/deployments/db/scale', undefined);
	const fork = cluster.simulator.fork();
	expect(fork.now).toBe(cluster.simulator.now);
	const scaled = cluster.simulator.apply({
		at: cluster.simulator.now,
		kind: 'request',
		request: {
			method: 'PATCH',
			url: '/apis/apps/v1/namespaces/default/deployments/db',
			headers: { 'content-type': 'application/merge-patch+json' },
			user: SYSTEM_USERS.admin,
			body: '{"spec":{"replicas":0}}',
		},
	});
	expect(scaled.response?.status).toBe(200);
	cluster.run(60);
	expect(cluster.pod('api').ready).toBe(false);
	expect(cluster.log('api')).toContain('connect ECONNREFUSED');
});

test('a web server whose workers are stopped answers nothing until they go on', () => {
	cluster.exec('web', ['sh', '-c', 'kill -STOP -1']);
	expect(cluster.http('box', 'web', 80, 'GET', '/')).toMatchObject({ ok: false, error: 'ETIMEDOUT' });
	cluster.exec('web', ['sh', '-c', 'kill -CONT -1']);
	expect(cluster.http('box', 'web', 80, 'GET', '/')).toMatchObject({ ok: true, response: { status: 200 } });
});
