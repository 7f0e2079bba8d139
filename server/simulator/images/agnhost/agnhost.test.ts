import { describe, expect, it, test } from 'vitest';
import { pull } from '../registry.ts';
import { TestWorld } from '../testing/world.ts';

function image(reference: string) {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	return found.image;
}
const AGNHOST = image('registry.k8s.io/e2e-test-images/agnhost:2.45');

/** Runs a subcommand to its end, or for so many virtual ms. */
function ran(args: readonly string[], files: { readonly [path: string]: string } = {}, ms = 5000) {
	const world = new TestWorld();
	const container = world.run('c', AGNHOST, { args, files });
	world.advance(ms);
	return container;
}

test.each([
	[['entrypoint-tester', 'a', 'b'], {}, '[/agnhost entrypoint-tester a b]\n'],
	[['etc-hosts'], { '/etc/hosts': '10.0.0.1 me\n' }, '10.0.0.1 me\n\n'],
	[['mounttest', '--file_content=/v/f', '--file_perm=/v/f'], { '/v/f': 'text' }, 'perms of file "/v/f": -rw-r--r--\ncontent of file "/v/f": text\n'],
	[
		['mounttest', '--new_file_0666=/tmp/new', '--file_mode=/tmp'],
		{},
		'content of file "/tmp/new": mount-tester new file\n\nmode of file "/tmp": dtrwxrwxrwx\n',
	],
	[['mounttest', '--file_content', '/none'], {}, 'error reading file content for "/none": open /none: no such file or directory\n'],
])('agnhost %j', (args, files, expected) => {
	const container = ran(args, files);
	expect([container.stdout, container.exitCode]).toEqual([expected, expected.startsWith('error') ? 1 : 0]);
});

it('mounttest reads a file again until it says what it wrote itself', () => {
	const world = new TestWorld();
	const c = world.run('c', AGNHOST, { args: ['mounttest', '--file_content_in_loop=/v', '--retry_time=10'], files: { '/v': 'other' } });
	world.advance(3000);
	c.files.put('/v', 'file', 'mount-tester new file\n');
	world.advance(3000);
	expect([c.exitCode, c.stdout.match(/content of file/g)?.length]).toEqual([0, 3]);
});

it('logs-generator spreads its lines over the time', () => {
	const c = ran(['logs-generator', '--log-lines-total', '5', '--run-duration=10s'], {}, 5000);
	expect(c.stderr.split('\n').map((line) => /\] (\d) (GET|POST|PUT) \/api\/v1\/namespaces\/[\w-]+\/pods\/\w{3,4} [2-5]\d\d$/.exec(line)?.[1])).toEqual([
		'0',
		'1',
		'2',
		undefined,
	]);
	expect(ran(['logs-generator']).exitCode).toBe(255);
});

describe('netexec', () => {
	const world = new TestWorld();
	world.run('web', AGNHOST, { args: ['netexec'] });
	const box = world.run('box', image('curlimages/curl'), { argv: ['sleep', 'infinity'] });
	const get = (path: string): string => box.exec(['curl', '-s', `http://web:8080${path}`]).stdout;
	it.each([
		['/echo?msg=a%20b', 'a b'],
		['/hostname', 'web'],
		['/shell?cmd=echo%20x%3Bexit%203', '{"error":"exit status 3","output":"x\\n"}'],
		['/dial?host=web&port=8080&request=hostname&tries=2', '{"responses":["web","web"]}'],
		['/dial?host=web&port=9&request=hostname', '{"errors":["Get \\"http://web:9/hostname\\": dial tcp web:9: connect: connection refused"]}'],
		['/dial?host=web&port=8080', 'request parameter not specified. <nil>\n'],
		['/exit?wait=never', 'argument \'wait\' must be a valid golang duration or empty, got "never"\n'],
		['/readyz', 'ok'],
	])('%s', (path, expected) => expect(get(path)).toBe(expected));
});

it('guestbook hands what its primary is told to its replicas', () => {
	const world = new TestWorld();
	const args = ['guestbook', '--backend-port', '6379', '--http-port=6379'];
	world.run('agnhost-primary', AGNHOST, { args });
	world.run('agnhost-replica', AGNHOST, { args: [...args, '--replicaof', 'agnhost-primary'] });
	world.run('frontend', AGNHOST, { args: ['guestbook', '--backend-port=6379'] });
	const box = world.run('box', image('curlimages/curl'), { argv: ['sleep', 'infinity'] });
	world.advance(2000);
	const ask = (query: string): string => box.exec(['curl', '-s', `http://frontend/guestbook?${query}`]).stdout;
	expect(ask('cmd=set&key=messages&value=hello')).toBe('{"message":"Updated"}');
	world.advance(1000);
	expect(ask('cmd=get&key=messages')).toBe('{"data":"hello"}');
	expect(ask('cmd=put')).toBe("unsupported cmd: 'put'\n");
});

it('nettest notes who wrote', () => {
	const world = new TestWorld();
	world.run('web', AGNHOST, { args: ['nettest'] });
	const box = world.run('box', image('curlimages/curl'), { argv: ['sleep', 'infinity'] });
	expect(box.exec(['curl', '-s', '-d', '{"Source":"prestop"}', 'http://web:8080/write']).stdout).toBe('{"Hostname":"web"}\n');
	expect(JSON.parse(box.exec(['curl', '-s', 'http://web:8080/read']).stdout)).toMatchObject({ Received: { prestop: 1 } });
});

it('hexdump shows the bytes of what is no text', () => {
	const box = new TestWorld().run('box', image('busybox'), { argv: ['sleep', '100'], files: { '/b': '\udcde\udcca\udcfe\udcba\udcd0\udcfe\udcff' } });
	expect(box.exec(['hexdump', '-C', '/b']).stdout).toBe('00000000  de ca fe ba d0 fe ff                              |.......|\n00000007\n');
});
