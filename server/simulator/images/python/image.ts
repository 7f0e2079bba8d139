/** python, for what manifests ask of it: `python -m http.server`, a line of output, its version. */
import { httpService, type HttpServiceData } from '../http-service.ts';
import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { busyboxTools, debianTools } from '../toolbox.ts';
import { strftime } from '../utilities/date.ts';

const option = (argv: readonly string[], ...names: readonly string[]): string | undefined => {
	const at = argv.findIndex((a) => names.includes(a));
	return at === -1 ? undefined : argv[at + 1];
};

const httpServer = (version: string): Program<HttpServiceData> =>
	httpService({
		name: 'python3',
		configure(process) {
			const port = process.argv.slice(1).find((a) => /^\d+$/.test(a));
			return { ports: [Number(port ?? 8000)], values: { home: option(process.argv, '-d', '--directory') ?? process.cwd, port: port ?? '8000' } };
		},
		// Python keeps its output back while it does not go to a terminal, unless PYTHONUNBUFFERED says otherwise.
		banner(process) {
			const { port } = process.data.values;
			if (process.tty || process.env['PYTHONUNBUFFERED'] !== undefined || process.argv.includes('-u'))
				process.stdout(`Serving HTTP on 0.0.0.0 port ${port} (http://0.0.0.0:${port}/) ...\n`);
		},
		answer(process, r) {
			const home = process.data.values['home'] ?? '/';
			const path = `${home === '/' ? '' : home}${r.path}`.replace(/(.)\/$/, '$1');
			const headers = { server: `SimpleHTTP/0.6 Python/${version}` };
			const listed = r.path.includes('..') ? ({ ok: false } as const) : process.fs.list(path === '' ? '/' : path);
			const index = listed.ok ? process.fs.read(`${path}/index.html`) : undefined;
			if (index?.ok === true) return { headers: { ...headers, 'content-type': 'text/html' }, body: index.value };
			if (listed.ok) {
				const items = listed.value.map((n) => `<li><a href="${n}">${n}</a></li>\n`).join('');
				return {
					headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
					body: `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Directory listing for ${r.path}</title>\n</head>\n<body>\n<h1>Directory listing for ${r.path}</h1>\n<hr>\n<ul>\n${items}</ul>\n<hr>\n</body>\n</html>\n`,
				};
			}
			const file = r.path.includes('..') ? ({ ok: false } as const) : process.fs.read(path);
			return file.ok
				? {
						headers: { ...headers, 'content-type': path.endsWith('.html') ? 'text/html' : path.endsWith('.json') ? 'application/json' : 'text/plain' },
						body: file.value,
					}
				: {
						status: 404,
						headers: { ...headers, 'content-type': 'text/html;charset=utf-8' },
						body: '<!DOCTYPE HTML>\n<html lang="en">\n    <head>\n        <meta charset="utf-8">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: 404</p>\n        <p>Message: File not found.</p>\n    </body>\n</html>\n',
					};
		},
		accessLog: (process, r, answer) => ({
			stderr: `${r.remoteAddress} - - [${strftime('%d/%b/%Y %T', process.now)}] "${r.method} ${r.path} HTTP/1.1" ${answer.status ?? 200} -`,
		}),
		memoryBytes: 17_000_000,
		exitOnTerm: 143,
	});

function python(version: string): Program<HttpServiceData> {
	const server = httpServer(version);
	return {
		...server,
		start(process) {
			const args = process.argv.slice(1).filter((a) => a !== '-u');
			if (args[0] === '-m' && args[1] === 'http.server') {
				server.start(process);
				return;
			}
			if (args[0] === '--version' || args[0] === '-V') {
				process.stdout(`Python ${version}\n`);
				process.exit(0);
				return;
			}
			const said = args[0] === '-c' ? /^\s*print\((["'])((?:(?!\1).)*)\1\);?\s*$/.exec(args[1] ?? '')?.[2] : undefined;
			if (said !== undefined) process.stdout(`${said}\n`);
			else if (args.length > 0)
				process.stderr('python3: the simulated python runs `-m http.server`, `-c \'print("text")\'` and `--version`; other programs need a real cluster\n');
			process.exit(said !== undefined || args.length === 0 ? 0 : 2);
		},
		// Python leaves SIGTERM's default alone: the first process of a container does not hear it; SIGINT it does.
		onSignal(process, signal) {
			if (signal === 'SIGINT') process.exit(0);
			else if (signal === 'SIGTERM' && process.pid !== 1) process.exit(143);
		},
	};
}

const VERSIONS: readonly (readonly [string, readonly string[]])[] = [
	['3.14.0', ['3.14.0', '3.14', '3', 'latest']],
	['3.13.9', ['3.13.9', '3.13']],
	['3.12.12', ['3.12.12', '3.12']],
	['3.11.14', ['3.11.14', '3.11']],
	['3.10.19', ['3.10.19', '3.10']],
	['3.9.25', ['3.9.25', '3.9', '3.8', '3.7']],
];
const name = (tag: string, variant: string): string => (variant === '' ? tag : tag === 'latest' ? variant : `${tag}-${variant}`);

export const pythonImages: readonly Image[] = VERSIONS.flatMap(([version, tags]) =>
	['', 'slim', 'alpine'].map((variant): Image => {
		const alpine = variant === 'alpine';
		const program = python(version) as Program<never>;
		return {
			repositories: ['docker.io/library/python'],
			tags: tags.map((t) => name(t, variant)),
			sizeBytes: alpine ? 47_000_000 : variant === 'slim' ? 121_000_000 : 1_020_000_000,
			entrypoint: [],
			cmd: ['python3'],
			env: { PATH: '/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', PYTHON_VERSION: version },
			user: '',
			workdir: '/',
			files: baseFiles(
				alpine
					? { name: 'Alpine Linux v3.22', id: 'alpine', version: '3.22.2', shell: '/bin/sh' }
					: { name: 'Debian GNU/Linux 13 (trixie)', id: 'debian', version: '13', shell: '/bin/bash' },
			),
			programs: { ...(alpine ? busyboxTools() : debianTools()), '/usr/local/bin/python3': program, '/usr/local/bin/python': program },
		};
	}),
);
