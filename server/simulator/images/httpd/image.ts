/** Apache's httpd as the official image has it: the page under htdocs, port 80, logs on the standard streams. */
import { formatTime } from '../../kernel/time.ts';
import { type HttpAnswer, httpService } from '../http-service.ts';
import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { busyboxTools, debianTools } from '../toolbox.ts';
import { strftime } from '../utilities/date.ts';

const ROOT = '/usr/local/apache2';
const WELCOME = '<html><body><h1>It works!</h1></body></html>\n';
const TYPES: { readonly [ending: string]: string } = {
	html: 'text/html',
	css: 'text/css',
	js: 'text/javascript',
	json: 'application/json',
	txt: 'text/plain',
	svg: 'image/svg+xml',
};

const clock = (ms: number): string => `${strftime('%a %b %d %T', ms)}.${String((ms % 1000) * 1000).padStart(6, '0')} ${formatTime(ms).slice(0, 4)}`;
const errorPage = (status: number, title: string, text: string): string =>
	`<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`;

/** `Listen` and `DocumentRoot` are read from httpd.conf, so that a mounted one counts. */
const server = (version: string): Program<never> =>
	httpService({
		name: 'httpd',
		configure(process) {
			const conf = process.fs.read(`${ROOT}/conf/httpd.conf`);
			if (!conf.ok) return { exit: 1, stderr: `httpd: Could not open configuration file ${ROOT}/conf/httpd.conf: No such file or directory\n` };
			const ports = [...conf.value.matchAll(/^\s*Listen\s+(?:\S+:)?(\d+)/gim)].map((m) => Number(m[1]));
			const home = /^\s*DocumentRoot\s+"?([^"\n]+)"?/im.exec(conf.value)?.[1] ?? `${ROOT}/htdocs`;
			if (ports.length === 0)
				return { exit: 1, stderr: `(22)Invalid argument: AH00072: no listening sockets available, shutting down\nAH00015: Unable to open logs\n` };
			if (!process.fs.stat(home).ok)
				return {
					exit: 1,
					stderr: `AH00526: Syntax error on line 1 of ${ROOT}/conf/httpd.conf:\nDocumentRoot '${home}' is not a directory, or is not readable\n`,
				};
			return { ports, values: { home } };
		},
		banner(process) {
			const name = `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${process.podIP}. Set the 'ServerName' directive globally to suppress this message\n`;
			process.stderr(`${name}${name}`);
			process.stderr(
				`[${clock(process.now)}] [mpm_event:notice] [pid ${process.pid}:tid ${process.pid}] AH00489: Apache/${version} (Unix) configured -- resuming normal operations\n`,
			);
			process.stderr(`[${clock(process.now)}] [core:notice] [pid ${process.pid}:tid ${process.pid}] AH00094: Command line: 'httpd -D FOREGROUND'\n`);
		},
		answer(process, r): HttpAnswer {
			const headers = { server: `Apache/${version} (Unix)`, 'content-type': 'text/html; charset=iso-8859-1' };
			const home = process.data.values['home'] ?? '';
			const wanted = `${home}${r.path}`;
			const stat = process.fs.stat(wanted);
			const path = stat.ok && stat.value.kind === 'directory' ? `${wanted.replace(/\/$/, '')}/index.html` : wanted;
			const file = r.path.split('/').includes('..') ? ({ ok: false, error: 'ENOENT' } as const) : process.fs.read(path);
			if (file.ok)
				return {
					headers: { server: headers.server, 'content-type': TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream', 'accept-ranges': 'bytes' },
					body: file.value,
				};
			if (stat.ok && stat.value.kind === 'directory' && r.path === '/') {
				const names = process.fs.list(wanted);
				const items = (names.ok ? names.value : []).map((n) => `<li><a href="${n}"> ${n}</a></li>`).join('\n');
				return {
					headers: { server: headers.server, 'content-type': 'text/html;charset=ISO-8859-1' },
					body: `<html>\n <head>\n  <title>Index of /</title>\n </head>\n <body>\n<h1>Index of /</h1>\n<ul>${items}</ul>\n</body></html>\n`,
				};
			}
			return file.error === 'EACCES'
				? { status: 403, headers, body: errorPage(403, 'Forbidden', "You don't have permission to access this resource.") }
				: { status: 404, headers, body: errorPage(404, 'Not Found', 'The requested URL was not found on this server.') };
		},
		accessLog: (process, r, answer) => ({
			stdout: `${r.remoteAddress} - - [${strftime('%d/%b/%Y:%T %z', process.now)}] "${r.method} ${r.path} HTTP/1.1" ${answer.status ?? 200} ${answer.body.length}`,
		}),
		bindFailure: (port, privileged) =>
			privileged
				? `(13)Permission denied: AH00072: make_sock: could not bind to address [::]:${port}\n(13)Permission denied: AH00072: make_sock: could not bind to address 0.0.0.0:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`
				: `(98)Address already in use: AH00072: make_sock: could not bind to address [::]:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`,
		notHttp: errorPage(400, 'Bad Request', 'Your browser sent a request that this server could not understand.<br />'),
		memoryBytes: 9_000_000,
		exitOnTerm: 0,
		alsoEndsOn: 'SIGWINCH', // graceful-stop, the image's STOPSIGNAL
	}) as Program<never>;

const VERSIONS: readonly (readonly [string, readonly string[]])[] = [
	['2.4.65', ['2.4.65', '2.4', '2', 'latest']],
	['2.4.62', ['2.4.62']],
	['2.4.58', ['2.4.58']],
	['2.4.46', ['2.4.46']],
];
/** What Kubernetes' own tests run: Alpine's image under their registry. */
const E2E: readonly (readonly [string, readonly string[]])[] = [
	['2.4.38', ['2.4.38-4', '2.4.38-2', '2.4.38-1']],
	['2.4.39', ['2.4.39-4', '2.4.39-2', '2.4.39-1']],
];
const CONF = `ServerRoot "${ROOT}"\nListen 80\nServerAdmin you@example.com\nDocumentRoot "${ROOT}/htdocs"\nErrorLog /proc/self/fd/2\nLogLevel warn\n`;

function image(version: string, tags: readonly string[], alpine: boolean): Image {
	const base = alpine
		? { name: 'Alpine Linux v3.22', id: 'alpine', version: '3.22.2', shell: '/bin/sh' }
		: { name: 'Debian GNU/Linux 13 (trixie)', id: 'debian', version: '13', shell: '/bin/bash' };
	return {
		repositories: ['docker.io/library/httpd'],
		tags: alpine ? tags.map((t) => (t === 'latest' ? 'alpine' : `${t}-alpine`)) : tags,
		sizeBytes: alpine ? 64_000_000 : 117_000_000,
		entrypoint: [],
		cmd: ['httpd-foreground'],
		env: { PATH: `${ROOT}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, HTTPD_PREFIX: ROOT, HTTPD_VERSION: version },
		user: '',
		workdir: ROOT,
		stopSignal: 'SIGWINCH',
		files: {
			...baseFiles(base, { 'www-data': [33, 33] }),
			[`${ROOT}/htdocs/index.html`]: { content: WELCOME },
			[`${ROOT}/conf/httpd.conf`]: { content: CONF },
			[`${ROOT}/logs`]: { directory: true, mode: 0o755 },
		},
		programs: { ...(alpine ? busyboxTools() : debianTools()), '/usr/local/bin/httpd-foreground': server(version), [`${ROOT}/bin/httpd`]: server(version) },
		users: { 'www-data': [33, 33] },
	};
}

export const httpdImages: readonly Image[] = [
	...VERSIONS.flatMap(([version, tags]) => [image(version, tags, false), image(version, tags, true)]),
	...E2E.map(([version, tags]): Image => ({ ...image(version, [], true), repositories: ['registry.k8s.io/e2e-test-images/httpd'], tags })),
];
