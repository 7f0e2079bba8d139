/** /docker-entrypoint.sh of the official images, with the scripts it runs. Models nginxinc/docker-nginx entrypoint/*. */
import type { Process, Program } from '../program.ts';

const TEMPLATES = '/etc/nginx/templates';
const CONF_D = '/etc/nginx/conf.d';
const DEFAULT_CONF = `${CONF_D}/default.conf`;

function ipv6Script(process: Process<never>, packaged: string): void {
	const say = (text: string): void => process.stdout(`10-listen-on-ipv6-by-default.sh: info: ${text}\n`);
	const current = process.fs.read(DEFAULT_CONF);
	if (!current.ok) {
		say(`${DEFAULT_CONF} is not a file or does not exist`);
		return;
	}
	if (!process.fs.write(DEFAULT_CONF, '', { append: true }).ok) {
		say(`can not modify ${DEFAULT_CONF} (read-only file system?)`);
		return;
	}
	if (current.value.includes('listen  [::]:')) {
		say('IPv6 listen already enabled');
		return;
	}
	say(`Getting the checksum of ${DEFAULT_CONF}`);
	if (current.value !== packaged) {
		say(`${DEFAULT_CONF} differs from the packaged version`);
		return;
	}
	process.fs.write(DEFAULT_CONF, current.value.replace(/( +listen +)(\d+);/, '$1$2;\n$1[::]:$2;'));
	say(`Enabled listen on IPv6 in ${DEFAULT_CONF}`);
}

/** Replaces ${NAME} and $NAME of variables that are set; others are left, so that nginx's own survive. */
function substitute(text: string, env: { readonly [name: string]: string }, filter: string): string {
	const chosen = (name: string): string | undefined => (filter !== '' && !new RegExp(filter).test(name) ? undefined : env[name]);
	return text.replace(/\$\{(\w+)\}|\$([A-Za-z_]\w*)/g, (all, braced: string | undefined, plain: string | undefined) => chosen(braced ?? plain ?? '') ?? all);
}

function templatesScript(process: Process<never>): void {
	const dir = process.env['NGINX_ENVSUBST_TEMPLATE_DIR'] ?? TEMPLATES;
	const suffix = process.env['NGINX_ENVSUBST_TEMPLATE_SUFFIX'] ?? '.template';
	const out = process.env['NGINX_ENVSUBST_OUTPUT_DIR'] ?? CONF_D;
	const walk = (folder: string): readonly string[] => {
		const listed = process.fs.list(folder);
		return listed.ok
			? listed.value.flatMap((name) => {
					const path = `${folder}/${name}`;
					const stat = process.fs.stat(path);
					return name.startsWith('..') || !stat.ok ? [] : stat.value.kind === 'directory' ? walk(path) : name.endsWith(suffix) ? [path] : [];
				})
			: [];
	};
	if (!process.fs.stat(dir).ok) return;
	const probe = `${out}/.write-test`;
	if (!process.fs.write(probe, '').ok) {
		process.stdout(`20-envsubst-on-templates.sh: ERROR: ${dir} exists, but ${out} is not writable\n`);
		return;
	}
	process.fs.remove(probe);
	for (const path of walk(dir)) {
		const relative = path.slice(dir.length + 1, -suffix.length);
		const content = process.fs.read(path);
		if (!content.ok) continue;
		process.stdout(`20-envsubst-on-templates.sh: Running envsubst on ${path} to ${out}/${relative}\n`);
		process.fs.write(`${out}/${relative}`, substitute(content.value, process.env, process.env['NGINX_ENVSUBST_FILTER'] ?? ''));
	}
}

/** `packaged` is default.conf as the image ships it. */
export function nginxEntrypoint(packaged: string): Program<never> {
	return {
		name: 'docker-entrypoint.sh',
		start(process) {
			const command = process.argv.slice(process.argv[0]?.endsWith('sh') === true && process.argv[1] === '/docker-entrypoint.sh' ? 2 : 1);
			const say = (text: string): void => process.stdout(`/docker-entrypoint.sh: ${text}\n`);
			if (command[0] === 'nginx' || command[0] === 'nginx-debug') {
				say('/docker-entrypoint.d/ is not empty, will attempt to perform configuration');
				say('Looking for shell scripts in /docker-entrypoint.d/');
				say('Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh');
				ipv6Script(process, packaged);
				say('Sourcing /docker-entrypoint.d/15-local-resolvers.envsh');
				say('Launching /docker-entrypoint.d/20-envsubst-on-templates.sh');
				templatesScript(process);
				say('Launching /docker-entrypoint.d/30-tune-worker-processes.sh');
				say('Configuration complete; ready for start up');
			}
			const replaced = process.exec(command);
			if (!replaced.ok) {
				process.stderr(`/docker-entrypoint.sh: 47: exec: ${command[0] ?? ''}: ${replaced.error === 'EACCES' ? 'Permission denied' : 'not found'}\n`);
				process.exit(replaced.error === 'EACCES' ? 126 : 127);
			}
		},
	};
}
