/** The composition root: puts store, progress, sessions and transport together. Only this file may import everything. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { audit as auditCommand } from './cli/audit.ts';
import { backup } from './cli/backup.ts';
import { person } from './cli/person.ts';
import { restore } from './cli/restore.ts';
import { cluster } from './cli/run-cluster.ts';
import { doctor } from './cli/doctor.ts';
import { type Running, START_HELP, start, type StartSettings } from './cli/start.ts';
import { fault, toFault } from './errors/catalogue.ts';
import type { LoadLabs } from './grading/grade.types.ts';
import { loadLabs } from './grading/labs.ts';
import { readDeliverables } from './portfolio/deliverables.ts';
import { openSigner } from './portfolio/issuer.ts';
import { Progress } from './progress/progress.ts';
import { clusterUpgrades, type ServedCluster, serveClusters, type Serving } from './sandboxes/serve.ts';
import { ReviewFiles } from './reviews/files.ts';
import { Reviews } from './reviews/reviews.ts';
import { servingCertificate } from './sandboxes/serving/authority.ts';
import { kubeconfigText } from './sandboxes/serving/kubeconfig-text.ts';
import { Sessions } from './sessions/sessions.ts';
import { writeDurably } from './durable.ts';
import { directorySchema } from './people/directory.ts';
import { Audit } from './people/audit.ts';
import { People } from './people/people.ts';
import { PersonalData } from './people/personal-data.ts';
import { SignIns } from './people/sign-ins.ts';
import type { Team } from './people/team.ts';
import { JsonFile } from './store/json-file.ts';
import { LowdbStore } from './store/lowdb.ts';
import { Access } from './transport/access.ts';
import { newToken, readSecret } from './transport/security.ts';
import { markdownToHtml } from './transport/markdown.ts';
import { Oidc } from './transport/oidc.ts';
import { openOperatorDoor } from './transport/operators.ts';
import { startTransport } from './transport/server.ts';
import type { TeamDoor } from './transport/sign-in.ts';
import { TeamSecurity } from './transport/team-security.ts';

const ROOT = join(import.meta.dirname, '..');
/** The one person of local mode. */
const LOCAL = 'local';

/** What tests put in place of the real rooms. */
export interface Doubles {
	/** Module of the workers' parts. */
	readonly parts: string;
	readonly loadLabs: LoadLabs;
}

/** Starts the whole server. */
export async function startServer(settings: StartSettings, doubles?: Doubles): Promise<Running> {
	const parts = doubles?.parts ?? new URL('./sessions/parts.ts', import.meta.url).href;
	const { data, log } = settings;
	const templates = join(data, 'templates');
	// Templates belong to the run that booted them; sandboxes hold links of their own.
	await rm(templates, { recursive: true, force: true });
	await mkdir(templates, { recursive: true, mode: 0o700 });
	const labs = await (doubles?.loadLabs ?? loadLabs)(settings.labs).catch((error: unknown) => {
		throw fault('labs-damaged', { why: error instanceof Error ? error.message : String(error) }, error);
	});
	const progress = new Progress(new LowdbStore(join(data, 'learners')));
	const people = new People(new JsonFile(join(data, 'people', 'directory.json'), directorySchema), settings.team === undefined ? { local: LOCAL } : {});
	await people.load();
	const audit = new Audit(join(data, 'audit'));
	await audit.load();
	const secret = await readSecret(data);
	const team = settings.team === undefined ? undefined : await openTeam(settings.team, data, secret, people, log);
	const reviews = new Reviews({
		files: new ReviewFiles(join(data, 'reviews')),
		progress,
		people,
		labs: () => labs,
		recordings: async (_, { recordings = [] }) =>
			recordings.map(({ name, seconds, sha256 }) => ({ id: name, title: `Terminal ${name}`, seconds, digest: sha256 })),
		html: markdownToHtml,
		log,
	});
	await reviews.load();
	const exports = {
		labs: labs.map(({ definition }) => ({ ...definition, deliverable: definition.evidence.deliverable })),
		deliverables: await readDeliverables(join(settings.root, 'content', 'portfolio', 'deliverables.yaml')),
		signer: await openSigner(data),
		html: markdownToHtml,
	};
	const sessions = new Sessions({
		data,
		labs,
		progress,
		captured: (learner, evidence, capture) => reviews.captured(learner, evidence, capture),
		pool: {
			start: { parts, labs: settings.labs, templates, provider: settings.provider, kubeconfig: settings.kubeconfig },
			log,
			...(settings.workers === undefined ? {} : { size: settings.workers }),
		},
	});
	await sessions.load();
	const clusters = new ClusterDoor(data, sessions, people, team?.team.publicUrl);
	const personal = new PersonalData({ data, people, progress, reviews, audit, end: (person) => sessions.forget(person) });
	const transport = await startTransport({
		port: settings.port,
		site: join(settings.root, 'dist'),
		token: process.env['FOOTHOLD_TOKEN'] ?? newToken(),
		secret,
		learner: LOCAL,
		sessions,
		progress,
		people,
		reviews,
		exports,
		access: new Access(people, { submission: (id) => reviews.owner(id) }, async (actor, action, person, object) => {
			await audit.add({ actor, action, person, object });
		}),
		upgrades: clusterUpgrades(clusters.find),
		audit,
		personal,
		team,
		provider: settings.provider,
		kubeconfig: (session, token, namespace) => clusters.kubeconfig(session, token, namespace),
		log,
	}).catch(async (error: unknown) => {
		await sessions.stop();
		throw error;
	});
	await clusters.reopen().catch((error: unknown) => log('clusters are not served for kubectl', error));
	await sessions.pool.ready();
	const operators = await openOperatorDoor({ data, personal, isLocal: settings.team === undefined, log });
	return {
		link: transport.link,
		port: transport.port,
		stop: async () => {
			await operators.close();
			await transport.close();
			await clusters.close();
			await sessions.stop();
			await reviews.close();
			await progress.close();
			await team?.signIns.close();
			await people.close();
			await audit.close();
		},
	};
}

/** What a team's server has besides: sign-ins that outlive a restart, and the way to the identity provider. */
async function openTeam(team: Team, data: string, secret: Buffer, people: People, log: StartSettings['log']): Promise<TeamDoor> {
	const signIns = new SignIns(join(data, 'sign-ins'));
	await signIns.load();
	people.onOut((person) => void signIns.endAll(person).catch((error: unknown) => log('a sign-in could not be ended', error)));
	return { team, signIns, security: new TeamSecurity(team.publicUrl, signIns), oidc: new Oidc(team, secret) };
}

/** The https port for learners' own kubectl: opened when first asked for, at the same port after a restart. */
class ClusterDoor {
	private readonly portFile: string;
	private readonly data: string;
	private readonly sessions: Sessions;
	private readonly people: People;
	private readonly publicUrl: URL | undefined;
	private serving: Promise<{ readonly serving: Serving; readonly authority: string }> | undefined;

	/** `publicUrl`: of a team's server. Behind TLS the clusters are served there, too. */
	constructor(data: string, sessions: Sessions, people: People, publicUrl: URL | undefined) {
		this.publicUrl = publicUrl?.protocol === 'https:' ? publicUrl : undefined;
		this.data = data;
		this.sessions = sessions;
		this.people = people;
		this.portFile = join(data, 'cluster-port');
	}

	async kubeconfig(session: string, token: string, namespace: string): Promise<string> {
		if (this.publicUrl !== undefined) return kubeconfigText({ server: `${this.publicUrl.origin}/clusters/${session}`, token, namespace });
		const { serving, authority } = await this.open();
		return kubeconfigText({ server: `${serving.url}/clusters/${session}`, authority, token, namespace });
	}

	/** The cluster that a path belongs to, while its learner may come in. */
	readonly find = async (path: string): Promise<ServedCluster | undefined> => {
		const id = /^\/clusters\/([a-z0-9]+)(?=\/|$)/.exec(path)?.[1];
		const found = id === undefined ? undefined : await this.sessions.cluster(id);
		return found === undefined || !this.people.mayEnter(found.learner) ? undefined : { ...found, prefix: `/clusters/${id}` };
	};

	/** Where kubeconfigs have been handed out they go on working. */
	async reopen(): Promise<void> {
		if ((await readdir(this.data)).includes('cluster-port')) await this.open();
	}

	async close(): Promise<void> {
		await this.serving?.then(({ serving }) => serving.close());
	}

	private open(): Promise<{ readonly serving: Serving; readonly authority: string }> {
		this.serving ??= this.listen().catch((error: unknown) => {
			this.serving = undefined;
			throw error;
		});
		return this.serving;
	}

	private async listen(): Promise<{ readonly serving: Serving; readonly authority: string }> {
		const certificate = await servingCertificate(this.data);
		const last = Number(await readFile(this.portFile, 'utf8').catch(() => '0')) || 0;
		// Another program may have taken the port meanwhile: then kubeconfigs have to be fetched anew.
		const serving = await serveClusters({ certificate, port: last, find: this.find }).catch(() => serveClusters({ certificate, port: 0, find: this.find }));
		await writeDurably(this.portFile, String(serving.port));
		return { serving, authority: certificate.authority };
	}
}

/** Runs a command line; resolves with its exit code, a fault worded on standard error. */
export async function main(args: readonly string[]): Promise<number> {
	try {
		return await command(args);
	} catch (error) {
		const { message, next, code } = toFault(error);
		process.stderr.write(`${message}\n${next}\n`);
		if (code === 'internal' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
		return 1;
	}
}

async function command(args: readonly string[]): Promise<number> {
	const [name = 'start', ...rest] = args;
	if (name.startsWith('-')) return start(ROOT, args, (settings) => startServer(settings));
	switch (name) {
		case 'start':
			return start(ROOT, rest, (settings) => startServer(settings));
		case 'cluster':
			return cluster(rest);
		case 'doctor':
			return doctor(ROOT, rest);
		case 'backup':
			return backup(ROOT, rest);
		case 'restore':
			return restore(ROOT, rest);
		case 'person':
			return person(ROOT, rest);
		case 'audit':
			return auditCommand(ROOT, rest);
		default:
			process.stderr.write(`There is no command “${name}”.\n\n${START_HELP}`);
			return 2;
	}
}
