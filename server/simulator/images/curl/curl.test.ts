import { expect, test } from 'vitest';
import { pull } from '../registry.ts';
import { TestWorld } from '../testing/world.ts';

function image(reference: string) {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	return found.image;
}

function worldWithWeb() {
	const world = new TestWorld();
	const conf = `server { listen 80;
		location / { return 200 "hello $request_method $http_x_test $request_body\n"; }
		location /missing { return 404 "gone\n"; }
		location /moved { return 302 /there; }
		location /slow { proxy_pass http://web:9999; }
	}`;
	world.run('web', image('nginx'), { files: { '/etc/nginx/conf.d/default.conf': conf } });
	const box = world.run('box', image('curlimages/curl:8.17.0'), { argv: ['sleep', 'infinity'] });
	return { world, run: (command: string) => box.exec(['sh', '-c', command]) };
}

test('requests', () => {
	const { run } = worldWithWeb();
	expect(run('curl -s http://web/').stdout).toBe('hello GET  \n');
	expect(run('curl -s -X PUT -H "X-Test: t" -d a=1 http://web/').stdout).toBe('hello PUT t a=1\n');
	expect(run('curl -s -o /dev/null -w "%{http_code} %{size_download}\\n" http://web/missing').stdout).toBe('404 5\n');
	expect(run('curl -sL http://web/moved').stdout).toBe('hello GET  \n');
	expect(run('curl -sI http://web/').stdout).toMatch(/^HTTP\/1\.1 200 OK\r\nServer: nginx\/1\.29\.3\r\n/);
	expect(run('curl -sv http://web/ -o /dev/null').stderr).toContain('< HTTP/1.1 200 OK');
	expect(run('curl -s --resolve x.test:80:10.244.1.2 http://x.test/').stdout).toBe('hello GET  \n');
	expect(run('wget -qO- http://web/').stdout).toBe('hello GET  \n');
	expect(run('nc -zv web 80').stderr).toBe('web (10.244.1.2:80) open\n');
});

test.each([
	['curl -sS http://nowhere/', 6, 'curl: (6) Could not resolve host: nowhere\n'],
	['curl -sS http://web:81/', 7, 'curl: (7) Failed to connect to web port 81 after 1 ms: Could not connect to server\n'],
	['curl -fsS http://web/missing', 22, 'curl: (22) The requested URL returned error: 404\n'],
	['curl -s http://web:81/', 7, ''],
	['curl --nope http://web', 2, "curl: option --nope: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n"],
	['curl', 2, "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n"],
	['wget -q http://web/missing -O -', 1, 'wget: server returned error: HTTP/1.1 404 Not Found\n'],
	['wget -q http://nowhere/', 1, "wget: bad address 'nowhere'\n"],
	['wget -q http://web:81/', 1, "wget: can't connect to remote host (10.244.1.2): Connection refused\n"],
	['nc -zv -w 2 web 81', 1, 'nc: web (10.244.1.2:81): Connection refused\n'],
	['nslookup nowhere', 1, ''],
])('%s exits with %i', (command, code, stderr) => {
	const { run } = worldWithWeb();
	expect(run(command)).toMatchObject({ code, stderr });
});

test('time limits', () => {
	const { world, run } = worldWithWeb();
	world.network.dropped.add('web');
	expect(run('curl -sS -m 2 http://web/')).toMatchObject({ code: 28, stderr: 'curl: (28) Connection timed out after 2000 milliseconds\n' });
	expect(run('curl -sS --connect-timeout 3 http://web/')).toMatchObject({ code: 28 });
	expect(run('wget -q -T 2 http://web/').stderr).toBe('wget: download timed out\n');
	world.network.dropped.add('dns');
	expect(run('curl -sS -m 2 http://web/')).toMatchObject({ code: 28, stderr: 'curl: (28) Resolving timed out after 2000 milliseconds\n' });
	expect(run('timeout 5 sleep 10')).toMatchObject({ code: 143 });
});

test('the entrypoint puts curl before options', () => {
	const world = new TestWorld();
	const c = world.run('c', image('curlimages/curl'), { args: ['-sS', 'http://nowhere'] });
	world.advance(1_000);
	expect(c.exitCode).toBe(6);
});
