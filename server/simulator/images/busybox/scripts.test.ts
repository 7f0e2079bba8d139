/** Scripts as the Kubernetes documentation and exam exercises use them. */
import { expect, test } from 'vitest';
import { pull } from '../registry.ts';
import { TestWorld } from '../testing/world.ts';

function run(script: string, seconds: number) {
	const world = new TestWorld();
	const found = pull('busybox:1.37');
	if ('error' in found) throw new Error(found.error);
	const c = world.run('box', found.image, { argv: ['/bin/sh', '-c', script] });
	world.advance(seconds * 1000);
	return { c, world, image: found.image };
}

test('the liveness example: a file that comes and goes', () => {
	const { c, world } = run('touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600', 10);
	expect(c.exec(['cat', '/tmp/healthy']).code).toBe(0);
	world.advance(25_000);
	expect(c.exec(['cat', '/tmp/healthy'])).toMatchObject({ code: 1, stderr: "cat: can't open '/tmp/healthy': No such file or directory\n" });
});

test('the init container example: waits until a name resolves', () => {
	const { c, world, image } = run('until nslookup myservice; do echo waiting for myservice; sleep 2; done; echo found', 5);
	expect(c.stdout).toContain('waiting for myservice');
	expect(c.exitCode).toBeUndefined();
	world.run('myservice', image, { argv: ['sleep', 'infinity'] });
	world.advance(3_000);
	expect(c.exitCode).toBe(0);
	expect(c.stdout).toMatch(/found\n$/);
});

test('the logging example: counters to two files, a sidecar that follows one', () => {
	const { c } = run('i=0; while true; do echo "$i: $(date)" >> /var/log/1.log; echo "$(date) INFO $i" >> /var/log/2.log; i=$((i+1)); sleep 1; done', 3.5);
	expect(c.exec(['cat', '/var/log/1.log']).stdout.trim().split('\n')).toHaveLength(4);
	const followed = c.exec(['sh', '-c', 'timeout 3 tail -n +1 -f /var/log/2.log'], { maxMs: 20_000 });
	expect(followed.stdout).toMatch(/INFO 0\n[\s\S]*INFO 5\n/);
});

test('small servers: httpd, and nc in a loop', () => {
	const { world, image } = run('mkdir -p /www && echo hi > /www/index.html && httpd -f -p 8080 -h /www', 1);
	expect(world.http('box', 8080, 'GET', '/')).toMatchObject({ status: 200, body: 'hi\n' });
	world.run('nc', image, { argv: ['sh', '-c', 'while true; do echo -e "HTTP/1.1 200 OK\\n\\nhello" | nc -l -p 8080; done'] });
	world.advance(100);
	expect(world.http('nc', 8080, 'GET', '/')).toMatchObject({ status: 200, body: 'hello\n' });
	world.advance(100);
	expect(world.http('nc', 8080, 'GET', '/').status).toBe(200);
});

test('a load loop in the background and a job that fails', () => {
	expect(run('echo start; exit 3', 1).c.exitCode).toBe(3);
	const { c, world } = run('yes > /dev/null & sleep 5; kill $!; wait; echo stopped; yes | head -n 2', 2);
	expect(c.cpu.milli).toBe(1000);
	world.advance(10_000);
	expect(c.stdout).toBe('stopped\ny\ny\n');
});
