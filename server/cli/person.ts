/** `npm run person`: who there is, everything that is kept of one, and its deletion. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { syncFolder } from '../durable.ts';
import { diskFault, Fault, fault } from '../errors/catalogue.ts';
import { Audit } from '../people/audit.ts';
import { directorySchema } from '../people/directory.ts';
import { People } from '../people/people.ts';
import { PersonalData } from '../people/personal-data.ts';
import { SignIns } from '../people/sign-ins.ts';
import { Progress } from '../progress/progress.ts';
import { ReviewFiles } from '../reviews/files.ts';
import { Reviews } from '../reviews/reviews.ts';
import { JsonFile } from '../store/json-file.ts';
import { LowdbStore } from '../store/lowdb.ts';
import { defaultDataFolder, takeDataFolder } from './data-folder.ts';
import { readFlags } from './flags.ts';
import { asked, operatorDoor } from './operator-door.ts';

const HELP = `npm run person -- list [--data PATH]
npm run person -- export ID --to FILE [--data PATH]
npm run person -- delete ID --yes [--data PATH]

list      everyone with id, roles and address
export    everything that is kept of one person, as a ZIP
delete    all of it, for good; prints what was deleted as JSON, to keep as proof. Reviews given to others keep their text without the name.

While a server runs on the data folder it is asked to do both itself, by whoever can read the folder.
`;

export async function person(root: string, args: readonly string[]): Promise<number> {
	const [what = '', ...rest] = args;
	const id = rest[0] !== undefined && !rest[0].startsWith('-') ? rest[0] : '';
	const flags = readFlags(id === '' ? rest : rest.slice(1), {
		to: { type: 'string' },
		data: { type: 'string' },
		yes: { type: 'boolean' },
		help: { type: 'boolean' },
	});
	const data = resolve(flags.data ?? defaultDataFolder(root));
	if (what === 'list') return list(data);
	if (flags.help || id === '' || (what === 'export' && flags.to === undefined) || !['export', 'delete'].includes(what)) {
		process.stdout.write(HELP);
		return flags.help ? 0 : 2;
	}
	if (what === 'delete' && !flags.yes) throw fault('flag-wrong', { why: `This deletes everything of “${id}” for good: say so with --yes` });
	const { exported, erased, close } = await keeper(data);
	try {
		if (what === 'export') await toFile(await exported(id), resolve(flags.to ?? ''));
		else process.stdout.write(`${JSON.stringify(await erased(id), null, '\t')}\n`);
		return 0;
	} finally {
		await close();
	}
}

/** Who may write to the data folder now: this process, or the server that has it. */
interface Keeper {
	exported(id: string): Promise<AsyncIterable<Uint8Array>>;
	erased(id: string): Promise<unknown>;
	close(): Promise<void>;
}

async function keeper(data: string): Promise<Keeper> {
	let release: () => void;
	try {
		release = await takeDataFolder(data);
	} catch (error) {
		if (error instanceof Fault && error.code === 'data-locked') return server(data);
		throw error;
	}
	const { personal, close } = await opened(data);
	return {
		exported: (id) => personal.export(id, ''),
		erased: (id) => personal.erase(id, '', true),
		close: async () => {
			await close();
			release();
		},
	};
}

async function server(data: string): Promise<Keeper> {
	const door = await operatorDoor(data);
	const path = (id: string): string => `/people/${encodeURIComponent(id)}`;
	return {
		exported: async (id) => (await asked(door, data, 'GET', `${path(id)}/export`)).body ?? Readable.from([]),
		erased: async (id) => (await asked(door, data, 'DELETE', path(id))).json(),
		close: async () => {},
	};
}

async function list(data: string): Promise<number> {
	const people = new People(new JsonFile(join(data, 'people', 'directory.json'), directorySchema));
	await people.load();
	for (const { id, name, email = '', roles, suspendedAt } of people.everyone())
		process.stdout.write(`${id.padEnd(20)} ${roles.join(',').padEnd(22)} ${name} ${email}${suspendedAt === undefined ? '' : ' (kept out)'}\n`);
	return 0;
}

/** The rooms that hold personal data, without a server around them. */
async function opened(data: string): Promise<{ readonly personal: PersonalData; close(): Promise<void> }> {
	const people = new People(new JsonFile(join(data, 'people', 'directory.json'), directorySchema));
	const progress = new Progress(new LowdbStore(join(data, 'learners')));
	const audit = new Audit(join(data, 'audit'));
	const signIns = new SignIns(join(data, 'sign-ins'));
	const reviews = new Reviews({
		files: new ReviewFiles(join(data, 'reviews')),
		progress,
		people,
		labs: () => [],
		recordings: async () => [],
		html: (text) => text,
		log: (message) => process.stderr.write(`${message}\n`),
	});
	await people.load();
	await audit.load();
	await signIns.load();
	await reviews.load();
	return {
		personal: new PersonalData({ data, people, progress, reviews, audit, end: async (id) => void (await signIns.endAll(id)) }),
		close: async () => {
			await reviews.close();
			await progress.close();
			await people.close();
			await audit.close();
		},
	};
}

async function toFile(pieces: AsyncIterable<Uint8Array>, path: string): Promise<void> {
	const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
	try {
		await pipeline(Readable.from(pieces), createWriteStream(temporary, { mode: 0o600, flags: 'wx' }));
		const file = await open(temporary, 'r');
		await file.sync().finally(() => file.close());
		await rename(temporary, path);
		syncFolder(dirname(path));
	} catch (error) {
		await rm(temporary, { force: true });
		throw diskFault(path, error);
	}
	process.stdout.write(`Written to ${path}.\n`);
}
