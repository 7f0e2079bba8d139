/** `foothold start`: flags, the site, the server, the link, a graceful end. */
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { fault } from '../errors/catalogue.ts';
import { readTeam, type Team } from '../people/team.ts';
import { defaultDataFolder, takeDataFolder } from './data-folder.ts';
import { readFlags, wholeNumber } from './flags.ts';
import { buildSite, siteIsStale } from './site-build.ts';

export const START_HELP = `npm start -- [flags]

Serves Foothold's site and labs on this machine only, and prints the link to open.

  --port N             port on 127.0.0.1; 0 takes any free one (default 4321)
  --data PATH          where sandboxes and progress are kept (default .foothold/ in the checkout; where that cannot be
                       written, $XDG_DATA_HOME/foothold or ~/.local/share/foothold)
  --provider NAME      simulator (default), or kubeconfig: labs run on a cluster of yours, in which they create the
                       namespaces and objects that they start from
  --kubeconfig PATH    for the kubeconfig provider (default $KUBECONFIG or ~/.kube/config); its ingress address comes
                       from FOOTHOLD_INGRESS (address[:port])
  --team FILE          team mode: people sign in with OpenID Connect; FILE (YAML or JSON) and FOOTHOLD_… variables say how,
                       see README.md
  --workers N          worker threads (default: one a core)
  --labs PATH          folder of the labs (default labs/)
  --no-build           do not build the site, even where it is stale
  --json               print one line of JSON once it answers, instead of words
  --help               this text

Other commands, each by npm run: cluster, doctor, backup, restore, person, audit.
`;

export interface StartSettings {
	readonly root: string;
	readonly data: string;
	readonly labs: string;
	readonly port: number;
	readonly provider: string;
	readonly kubeconfig: string;
	readonly workers: number | undefined;
	/** Undefined in local mode. */
	readonly team?: Team | undefined;
	readonly log: (message: string, detail?: unknown) => void;
}

export interface Running {
	readonly link: string;
	readonly port: number;
	stop(): Promise<void>;
}

/** `run` starts the server itself (main.ts). Resolves with the exit code when it has stopped. */
export async function start(root: string, args: readonly string[], run: (settings: StartSettings) => Promise<Running>): Promise<number> {
	const began = performance.now();
	const flags = readFlags(args, {
		port: { type: 'string', default: '4321' },
		data: { type: 'string' },
		provider: { type: 'string', default: 'simulator' },
		kubeconfig: { type: 'string', default: '' },
		workers: { type: 'string' },
		team: { type: 'string' },
		labs: { type: 'string' },
		'no-build': { type: 'boolean' },
		json: { type: 'boolean' },
		help: { type: 'boolean' },
	});
	if (flags.help) {
		process.stdout.write(START_HELP);
		return 0;
	}
	if (flags.provider !== 'simulator' && flags.provider !== 'kubeconfig') throw fault('provider-unknown', { provider: flags.provider });
	const data = resolve(flags.data ?? defaultDataFolder(root));
	const port = wholeNumber('port', flags.port, 0, 65_535);
	const workers = flags.workers === undefined ? undefined : wholeNumber('workers', flags.workers, 1, 64);
	const team = await readTeam(flags.team, process.env);
	const release = await takeDataFolder(data);
	try {
		const log = logger();
		if (!flags['no-build'] && (await siteIsStale(root))) {
			if (!flags.json) process.stdout.write('Building the site…\n');
			await buildSite(root);
		}
		const labs = resolve(flags.labs ?? join(root, 'labs'));
		const running = await run({ root, data, labs, port, provider: flags.provider, kubeconfig: flags.kubeconfig, workers, team, log });
		const ms = Math.round(performance.now() - began);
		if (flags.json) process.stdout.write(`${JSON.stringify({ ready: true, link: running.link, port: running.port, pid: process.pid, ms })}\n`);
		else
			process.stdout.write(
				`\nFoothold is ready. ${team === undefined ? 'Open this link in a browser on this machine' : `It listens on ${team.listen}:${running.port} for the proxy in front; people sign in at`}:\n\n    ${running.link}\n\nCtrl-C stops it; everything is kept in ${data}.\n`,
			);
		await untilStopped();
		await running.stop();
		return 0;
	} finally {
		release();
	}
}

function untilStopped(): Promise<void> {
	return new Promise((done) => {
		const stop = (): void => done();
		process.once('SIGINT', stop);
		process.once('SIGTERM', stop);
		// A second Ctrl-C while it puts sandboxes on disk ends it at once: what was acknowledged is there anyway.
		process.once('SIGINT', () => process.on('SIGINT', () => process.exit(130)));
	});
}

/** Logs go to standard error: standard output is for the link. */
function logger(): (message: string, detail?: unknown) => void {
	const log = pino({ level: process.env['FOOTHOLD_LOG'] ?? 'warn', base: { run: randomUUID().slice(0, 8) } }, pino.destination({ fd: 2, sync: true }));
	return (message, detail) => {
		if (detail instanceof Error) log.warn({ err: detail }, message);
		else log.warn({ detail }, message);
	};
}
