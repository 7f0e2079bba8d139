import { expect, test } from 'vitest';
import { pull } from '../registry.ts';
import { pi } from '../perl/image.ts';
import { TestWorld } from '../testing/world.ts';

function image(reference: string) {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	return found.image;
}

test.each([
	['mysql:8.0', { MYSQL_ROOT_PASSWORD: 'x' }, 3306, "ready for connections. Version: '8.0.44'"],
	['mariadb:11', { MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: 'yes' }, 3306, 'ready for connections'],
	['mongo', {}, 27_017, 'Waiting for connections'],
	['rabbitmq:3-management', {}, 15_672, 'Server startup complete'],
	['memcached', {}, 11_211, ''],
])('%s listens after its start, keeps its volume, stops cleanly', (reference, env, port, line) => {
	const world = new TestWorld();
	const db = world.run('db', image(reference), { env });
	expect(db.listeners.size).toBe(0);
	world.advance(20_000);
	expect([...db.listeners.keys()]).toContain(port);
	expect(db.output).toContain(line);
	db.signal('SIGTERM');
	world.advance(10);
	expect(db.exitCode).toBe(0);
	const again = world.run('again', image(reference), { env, disk: db.files });
	world.advance(7_000);
	expect([...again.listeners.keys()]).toContain(port);
});

test.each([
	['mysql', 'Database is uninitialized and password option is not specified'],
	['mariadb', 'MARIADB_ROOT_PASSWORD'],
])('%s refuses to start without its password', (reference, words) => {
	const db = new TestWorld().run('db', image(reference));
	expect(db).toMatchObject({ exitCode: 1 });
	expect(db.stderr).toContain(words);
});

test('clients say whether the server is there', () => {
	const world = new TestWorld();
	const db = world.run('db', image('mysql:8.0'), { env: { MYSQL_ROOT_PASSWORD: 'x' } });
	expect(db.exec(['mysqladmin', 'ping', '-h', 'db']).code).toBe(1);
	world.advance(20_000);
	expect(db.exec(['mysqladmin', 'ping', '-h', 'db'])).toMatchObject({ code: 0, stdout: 'mysqld is alive\n' });
});

test('perl prints pi', () => {
	expect(pi(50)).toBe('3.1415926535897932384626433832795028841971693993751');
	const world = new TestWorld();
	const job = world.run('pi', image('perl:5.34.0'), { argv: ['perl', '-Mbignum=bpi', '-wle', 'print bpi(2000)'] });
	expect(job.exitCode).toBeUndefined();
	world.advance(10_000);
	expect(job.exitCode).toBe(0);
	expect(job.stdout).toMatch(/^3\.14159\d+\n$/);
	expect(job.stdout).toHaveLength(2002);
});

test('python serves a folder', () => {
	const world = new TestWorld();
	const web = world.run('web', image('python:3.12-alpine'), { argv: ['python', '-m', 'http.server', '8080', '-d', '/srv'], files: { '/srv/a.txt': 'A' } });
	const box = world.run('box', image('curlimages/curl'), { argv: ['sleep', 'infinity'] });
	expect(box.exec(['curl', '-s', 'http://web:8080/a.txt']).stdout).toBe('A');
	expect(box.exec(['curl', '-s', 'http://web:8080/']).stdout).toContain('Directory listing for /');
	expect(box.exec(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://web:8080/b']).stdout).toBe('404');
	expect(web.stderr).toContain('"GET /a.txt HTTP/1.1" 200 -');
	expect(world.run('one', image('python:3'), { argv: ['python3', '-c', 'print("hi")'] })).toMatchObject({ stdout: 'hi\n', exitCode: 0 });
});

test('agnhost: netexec, liveness that fails after ten seconds, connect, dig beside it', () => {
	const world = new TestWorld();
	const agnhost = image('registry.k8s.io/e2e-test-images/agnhost:2.40');
	world.run('net', agnhost, { args: ['netexec', '--http-port=8081'] });
	world.run('live', agnhost, { args: ['liveness'] });
	const box = world.run('box', agnhost);
	expect(box.stdout).toBe('Paused\n');
	expect(box.exec(['curl', '-s', 'http://net:8081/hostname']).stdout).toBe('net');
	expect(box.exec(['curl', '-s', 'http://net:8081/echo?msg=hello%20you']).stdout).toBe('hello you');
	const status = () => box.exec(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://live:8080/healthz']).stdout;
	expect(status()).toBe('200');
	world.advance(11_000);
	expect(status()).toBe('500');
	expect(box.exec(['/agnhost', 'connect', 'net:8081', '--timeout=1s']).code).toBe(0);
	expect(box.exec(['/agnhost', 'connect', 'net:1', '--timeout=1s'])).toMatchObject({ code: 1, stderr: 'REFUSED\n' });
	expect(box.exec(['dig', '+search', '+short', 'net']).stdout).toBe('10.244.1.2\n');
	expect(box.exec(['dig', 'nowhere.test']).stdout).toContain('status: NXDOMAIN');
	expect(box.exec(['dig', 'SRV', 'net']).stdout).toContain('status: NOERROR');
});
