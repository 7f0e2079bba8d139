import { expect, test } from 'vitest';
import { pull } from '../registry.ts';
import { TestWorld } from '../testing/world.ts';

function image(reference: string) {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	return found.image;
}

/** A server, and what curl gets of it. */
function served(
	reference: string,
	options: { readonly args?: readonly string[]; readonly env?: { readonly [name: string]: string }; readonly files?: { readonly [path: string]: string } } = {},
) {
	const world = new TestWorld();
	const web = world.run('web', image(reference), options);
	const box = world.run('box', image('curlimages/curl'), { argv: ['sleep', 'infinity'] });
	return { world, web, curl: (rest: string) => box.exec(['sh', '-c', `curl -s ${rest}`]).stdout };
}

test.each([
	['hashicorp/http-echo', { args: ['-text=apple'] }, 'http://web:5678/', /^apple\n$/],
	['hashicorp/http-echo:1.0', { args: ['-listen=:8080', '-text', 'banana'] }, 'http://web:8080/', /^banana\n$/],
	['traefik/whoami', {}, 'http://web/x', /^Hostname: web\nIP: 127\.0\.0\.1\n[\s\S]*GET \/x HTTP\/1\.1\nHost: web\n/],
	['gcr.io/google-samples/hello-app:1.0', {}, 'http://web:8080', /^Hello, world!\nVersion: 1\.0\.0\nHostname: web\n$/],
	['us-docker.pkg.dev/google-samples/containers/gke/hello-app:2.0', { env: { PORT: '9000' } }, 'http://web:9000', /Version: 2\.0\.0/],
	['gcr.io/google-samples/kubernetes-bootcamp:v1', {}, 'http://web:8080', /^Hello Kubernetes bootcamp! \| Running on: web \| v=1\n$/],
	['registry.k8s.io/echoserver:1.4', {}, 'http://web:8080/a?b=c', /real path=\/a\n\tquery=b=c/],
	['registry.k8s.io/hpa-example', {}, 'http://web', /^OK!$/],
	['nginxdemos/hello:plain-text', {}, 'http://web', /^Server address: \S+:80\nServer name: web\n/],
	['gcr.io/kuar-demo/kuard-amd64:blue', {}, 'http://web:8080/healthy', /^ok$/],
	['ghcr.io/stefanprodan/podinfo:6.9.2', {}, 'http://web:9898/readyz', /"status": "OK"/],
	['kennethreitz/httpbin', {}, '-X POST -d x=1 http://web/post', /"data": "x=1"/],
	['httpd:2.4', {}, 'http://web', /^<html><body><h1>It works!<\/h1><\/body><\/html>\n$/],
	['httpd', { files: { '/usr/local/apache2/htdocs/index.html': 'mine\n' } }, 'http://web/', /^mine\n$/],
	['nginx:1.14.2', {}, '-I http://web', /Server: nginx\/1\.14\.2/],
	['registry.k8s.io/nginx-slim:0.24', {}, 'http://web', /Welcome to nginx!/],
])('%s %j: curl %s', (reference, options, url, expected) => {
	expect(served(reference, options).curl(url)).toMatch(expected);
});

test('what a server prints, and how it ends', () => {
	const { web, world } = served('gcr.io/google-samples/hello-app:1.0');
	expect(web.stderr).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d Server listening on port 8080\n$/);
	web.signal('SIGTERM');
	world.advance(10);
	expect(web.exitCode).toBe(2);
	expect(served('hashicorp/http-echo').web).toMatchObject({ exitCode: 127, stderr: 'Missing -text option!\n' });
});

test("a server without a handler for SIGTERM stays, as a container's first process does", () => {
	const { web, world } = served('gcr.io/google-samples/kubernetes-bootcamp:v1');
	web.signal('SIGTERM');
	world.advance(10);
	expect(web.exitCode).toBeUndefined();
});

test('httpd reads its configuration, logs, and refuses', () => {
	const { web, curl } = served('httpd', { files: { '/usr/local/apache2/conf/httpd.conf': 'Listen 8080\nDocumentRoot "/srv"\n', '/srv/a.txt': 'A' } });
	expect(curl('http://web:8080/a.txt')).toBe('A');
	expect(curl('-o /dev/null -w "%{http_code}" http://web:8080/../conf/httpd.conf --path-as-is')).toBe('404');
	expect(web.stdout).toMatch(/"GET \/a\.txt HTTP\/1\.1" 200 1\n/);
	expect(web.stderr).toContain('resuming normal operations');
	expect(served('httpd', { files: { '/usr/local/apache2/conf/httpd.conf': 'DocumentRoot "/srv"\n' } }).web.exitCode).toBe(1);
});

test('a server says the port that it was given', () => {
	expect(served('ghcr.io/stefanprodan/podinfo:6.9.2', { env: { PODINFO_PORT: '9000' } }).web.stdout).toContain('"port":"9000"');
	expect(served('paulbouwer/hello-kubernetes:1.10', { env: { PORT: '9001' } }).web.stdout).toContain(':9001"');
});

test('podinfo takes its port from a flag rather than from what a service of that name sets, and podcli checks it', () => {
	const { web, curl } = served('ghcr.io/stefanprodan/podinfo:6.14.1', {
		env: { PODINFO_PORT: 'tcp://10.96.0.9:9898' },
		args: ['./podinfo', '--port=9898', '--grpc-port=9999'],
	});
	expect(web.stdout).toContain('"port":"9898"');
	expect(curl('http://web:9898/readyz')).toContain('OK');
	const check = (address: string): number => web.exec(['podcli', 'check', 'http', address]).code;
	expect([check('localhost:9898/readyz'), check('localhost:9898/nope'), check('localhost:1')]).toEqual([0, 1, 1]);
});

test('pause holds on until it is told to stop', () => {
	const { web, world } = served('registry.k8s.io/pause:3.10');
	world.advance(3_600_000);
	expect(web.exitCode).toBeUndefined();
	web.signal('SIGTERM');
	world.advance(10);
	expect(web).toMatchObject({ exitCode: 0, stderr: 'Shutting down, got signal: Terminated\n' });
});

test('a load maker uses what it is told to', () => {
	const { web } = served('polinux/stress', { args: ['stress', '--vm', '1', '--vm-bytes', '150M', '--vm-hang', '1'] });
	expect(web.stdout).toBe('stress: info: [1] dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd\n');
	expect(web.cpu.memory).toBeGreaterThan(150 * 1024 * 1024);
	expect(web.cpu.milli).toBeLessThan(10);
	const vish = served('vish/stress', { args: ['-cpus', '2', '-mem-total', '100Mi', '-mem-alloc-size', '10Mi', '-mem-alloc-sleep', '1s'] });
	expect(vish.web.cpu.milli).toBe(2000);
	vish.world.advance(5_000);
	const half = vish.web.cpu.memory;
	vish.world.advance(10_000);
	expect(half).toBeGreaterThan(40e6);
	expect(vish.web.cpu.memory).toBeGreaterThan(half + 40e6);
});
