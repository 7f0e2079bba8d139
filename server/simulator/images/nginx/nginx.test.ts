import { expect, test } from 'vitest';
import { pull } from '../registry.ts';
import type { Image, Program } from '../program.ts';
import { TestWorld } from '../testing/world.ts';

function image(reference: string) {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	return found.image;
}

const conf = (body: string) => ({ '/etc/nginx/conf.d/default.conf': body });

test('starts with the official log lines and serves its page', () => {
	const world = new TestWorld();
	const web = world.run('web', image('nginx:1.29.3'));
	expect(web.stdout).toContain('/docker-entrypoint.sh: Configuration complete; ready for start up');
	expect(web.stderr).toContain('[notice] 1#1: nginx/1.29.3');
	const home = world.http('web', 80, 'GET', '/');
	expect(home.status).toBe(200);
	expect(home.body).toContain('Welcome to nginx!');
	expect(home.headers['server']).toBe('nginx/1.29.3');
	expect(web.stdout).toMatch(/10\.244\.1\.\d+ - - \[20\/Nov\/2026:\d\d:\d\d:\d\d \+0000\] "GET \/ HTTP\/1\.1" 200 615 "-" "-" "-"\n$/);
	const missing = world.http('web', 80, 'GET', '/nope');
	expect(missing.status).toBe(404);
	expect(missing.body).toContain('<center>nginx/1.29.3</center>');
	expect(web.stderr).toContain('open() "/usr/share/nginx/html/nope" failed (2: No such file or directory), client: ');
	web.signal('SIGQUIT');
	world.advance(10);
	expect(web.exitCode).toBe(0);
});

test('locations, try_files, return, rewrite, headers', () => {
	const world = new TestWorld();
	world.run('web', image('nginx'), {
		files: {
			...conf(`server {
				listen 80 default_server;
				root /srv;
				add_header X-Tier web always;
				location = /exact { return 200 "exact $host"; }
				location /old/ { rewrite ^/old/(.*)$ /new/$1 last; }
				location /new/ { default_type text/plain; return 200 "new $uri"; }
				location ~ \\.php$ { return 403; }
				location ^~ /static/ { alias /data/; }
				location / { try_files $uri $uri/ /index.html; }
				location /moved { return 301 /exact; }
				location /methods { if ($request_method = POST) { return 405; } return 204; }
			}`),
			'/srv/index.html': 'app',
			'/data/a.css': 'css',
		},
	});
	const get = (path: string, method = 'GET') => world.http('web', 80, method, path);
	expect(get('/exact').body).toBe('exact web');
	expect(get('/exact').headers['x-tier']).toBe('web');
	expect(get('/old/x').body).toBe('new /new/x');
	expect(get('/a.php').status).toBe(403);
	expect(get('/static/a.css')).toMatchObject({ status: 200, body: 'css' });
	expect(get('/deep/link').body).toBe('app');
	expect(get('/moved')).toMatchObject({ status: 301, headers: { location: 'http://web/exact' } });
	expect(get('/methods', 'POST').status).toBe(405);
	expect(get('/methods').status).toBe(204);
});

test('proxies with URI rules and headers, and words upstream failures', () => {
	const world = new TestWorld();
	world.run('api', image('nginx'), { files: conf('server { listen 8080; location / { return 200 "$request_uri $http_x_real_ip $http_host"; } }') });
	const web = world.run('web', image('nginx'), {
		files: conf(`server { listen 80;
			location /api/ { proxy_pass http://api:8080; proxy_set_header X-Real-IP $remote_addr; proxy_set_header Host $host; }
			location /cut/ { proxy_pass http://api:8080/; }
			location /dead { proxy_pass http://api:9; error_page 502 = /sorry; }
			location /gone { proxy_pass http://api:9; }
			location = /sorry { return 200 "sorry"; }
		}`),
	});
	expect(world.http('web', 80, 'GET', '/api/x?y=1').body).toMatch(/^\/api\/x\?y=1 10\.244\.1\.\d+ web$/);
	expect(world.http('web', 80, 'GET', '/cut/x?y=1').body).toBe('/x?y=1  api:8080');
	expect(world.http('web', 80, 'GET', '/dead')).toMatchObject({ status: 200, body: 'sorry' });
	const gone = world.http('web', 80, 'GET', '/gone');
	expect(gone.status).toBe(502);
	expect(gone.body).toContain('502 Bad Gateway');
	expect(web.stderr).toMatch(
		/\[error\] \d+#\d+: \*\d+ connect\(\) failed \(111: Connection refused\) while connecting to upstream, client: [\d.]+, server: , request: "GET \/gone HTTP\/1\.1", upstream: "http:\/\/10\.244\.1\.2:9\/gone", host: "web"/,
	);
});

/** A server that says three words, a second apart, and notes who hangs up. */
const speaker: Image = {
	repositories: ['speaker'],
	tags: ['latest'],
	sizeBytes: 1,
	entrypoint: ['/srv/speak'],
	cmd: [],
	env: { PATH: '/srv' },
	user: '',
	workdir: '/',
	files: {},
	programs: {
		'/srv/speak': {
			name: 'speak',
			start: (process) => void process.listen(80),
			onRequest(process, connection, request) {
				const plain = request.protocol === 'http' && request.path === '/plain';
				process.respond(connection.id, {
					protocol: 'http',
					status: 200,
					headers: { 'content-type': 'text/event-stream', ...(request.protocol === 'http' && request.path === '/told' ? { 'x-accel-buffering': 'no' } : {}) },
					body: '',
					open: true,
				});
				for (const [i, word] of ['one', 'two', 'three'].entries()) process.timer((i + 1) * 1000, `${connection.id} ${plain ? 'x'.repeat(3000) : word} ${i}`);
			},
			onTimer(process, token) {
				const [id = '', word = '', i] = token.split(' ');
				process.send(id, `data: ${word}\n\n`, i === '2');
			},
			onHangup: (process) => process.stdout('hung up\n'),
		} satisfies Program<undefined> as unknown as Program<never>,
	},
};

test('passes on what an upstream sends piece by piece, or by the buffer', () => {
	const world = new TestWorld();
	const upstream = world.run('speaker', speaker);
	const web = world.run('web', image('nginx'), {
		files: conf(`server { listen 80;
			location / { proxy_pass http://speaker; }
			location /off/ { proxy_pass http://speaker/; proxy_buffering off; }
		}`),
	});
	/** Virtual ms at which pieces came, and the whole. */
	const listen = (
		path: string,
	): { readonly at: number[]; readonly pieces: string[]; readonly headers: { readonly [name: string]: string }; readonly dial: string } => {
		const heard = { at: [] as number[], pieces: [] as string[], headers: {} as { readonly [name: string]: string }, dial: '' };
		const began = world.now;
		heard.dial = world.dial(
			'',
			{ host: 'web', port: 80, request: { protocol: 'http', method: 'GET', path, headers: { host: 'web' }, body: '' }, stream: true },
			(o) => {
				if (o.ok && o.response.protocol === 'http') heard.headers = o.response.headers;
			},
			(p) => {
				heard.at.push(world.now - began);
				heard.pieces.push(p.data);
			},
		);
		return heard;
	};
	const off = listen('/off/x');
	world.advance(5000);
	expect(off.pieces).toEqual(['data: one\n\n', 'data: two\n\n', 'data: three\n\n']);
	expect(off.at[1]).toBeGreaterThan(1500);
	expect((off.at[2] ?? 0) - (off.at[0] ?? 0)).toBeGreaterThanOrEqual(2000);
	expect(off.headers['transfer-encoding']).toBe('chunked');
	expect(web.stdout).toContain('"GET /off/x HTTP/1.1" 200 35 ');
	const on = listen('/x');
	const told = listen('/told');
	const large = listen('/plain');
	world.advance(5000);
	expect(on.pieces).toEqual(['data: one\n\ndata: two\n\ndata: three\n\n']);
	expect(told.pieces).toHaveLength(3);
	expect(told.headers['x-accel-buffering']).toBeUndefined();
	// A buffer is a page: two words of 3,000 characters fill one.
	expect(large.pieces.map((p) => p.length)).toEqual([6016, 3008]);
	const left = listen('/off/y');
	world.advance(1500);
	world.network.giveUp(left.dial);
	world.advance(100);
	expect(upstream.stdout).toContain('hung up');
	expect(web.stdout).toContain('"GET /off/y HTTP/1.1" 200 11 ');
	const cut = listen('/off/z');
	world.advance(1500);
	upstream.signal('SIGKILL');
	world.advance(100);
	expect(cut.pieces[0]).toBe('data: one\n\n');
	const early = listen('/x');
	world.network.giveUp(early.dial);
	world.advance(100);
	expect(web.exitCode).toBeUndefined();
});

test('an upstream group leaves a dead peer alone', () => {
	const world = new TestWorld();
	for (const name of ['a', 'b']) world.run(name, image('nginx'), { files: conf(`server { listen 80; location / { return 200 "${name}"; } }`) });
	world.run('web', image('nginx'), { files: conf('upstream app { server a; server b; } server { listen 80; location / { proxy_pass http://app; } }') });
	const bodies = () => [1, 2, 3, 4].map(() => world.http('web', 80, 'GET', '/').body).join('');
	expect(bodies()).toBe('abab');
	world.containers.get('a')?.signal('SIGKILL');
	world.advance(10);
	expect(bodies()).toBe('bbbb');
});

test.each([
	['server { listen 80; foo bar; }', 'unknown directive "foo" in /etc/nginx/conf.d/default.conf:1'],
	['server { listen 80; location / { proxy_pass http://api:80; } }', 'host not found in upstream "api" in /etc/nginx/conf.d/default.conf:1'],
	['server {\n listen 80\n server_name x;\n}', 'invalid parameter "server_name" in /etc/nginx/conf.d/default.conf:3'],
	['server {\n listen 80;\n', 'unexpected end of file, expecting "}" in /etc/nginx/conf.d/default.conf:3'],
	['server { listen 80; root; }', 'invalid number of arguments in "root" directive in /etc/nginx/conf.d/default.conf:1'],
])('refuses %j', (body, message) => {
	const world = new TestWorld();
	const web = world.run('web', image('nginx'), { files: conf(body) });
	expect(web.exitCode).toBe(1);
	expect(web.stderr).toContain(`nginx: [emerg] ${message}\n`);
});

test('fails as the official image does without root or a writable file system', () => {
	const world = new TestWorld();
	const user = world.run('user', image('nginx'), { uid: 101 });
	expect(user.stderr).toContain('nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (13: Permission denied)');
	expect(user.stdout).toContain('can not modify /etc/nginx/conf.d/default.conf (read-only file system?)');
	const free = world.run('free', image('nginxinc/nginx-unprivileged:1.29-alpine'));
	expect(free.exitCode).toBeUndefined();
	expect(world.http('free', 8080, 'GET', '/').status).toBe(200);
	const daemon = world.run('daemon', image('nginx'), { args: ['nginx'] });
	expect(daemon.exitCode).toBe(0);
});

test('templates, -t, reload', () => {
	const world = new TestWorld();
	const web = world.run('web', image('nginx'), {
		env: { GREETING: 'hello' },
		files: { '/etc/nginx/templates/default.conf.template': 'server { listen 80; location / { return 200 "${GREETING} $uri"; } }' },
	});
	expect(world.http('web', 80, 'GET', '/x').body).toBe('hello /x');
	web.files.put('/etc/nginx/conf.d/default.conf', 'file', 'server { listen 80; location / { return 200 "bye"; } }');
	expect(web.exec(['nginx', '-t']).stderr).toContain('test is successful');
	expect(web.exec(['nginx', '-s', 'reload']).code).toBe(0);
	expect(world.http('web', 80, 'GET', '/x').body).toBe('bye');
});

test('workers are processes: a killed one is replaced', () => {
	const world = new TestWorld();
	const web = world.run('web', image('nginx:1.29-alpine'));
	world.advance(10);
	expect(web.exec(['ps']).stdout).toMatch(/nginx: master process nginx -g daemon off;\n[\s\S]*nginx: worker process/);
	web.exec(['sh', '-c', 'kill -9 -1']);
	world.advance(10);
	expect(web.stderr).toMatch(/\[alert\] 1#1: worker process \d+ exited on signal 9/);
	expect(world.http('web', 80, 'GET', '/').status).toBe(200);
});
