/**
 * A git repository on the workstation: the library (isomorphic-git) reads and writes objects, packs and references; the index, the
 * trees as flat maps and the working tree are handled here, since commands need them whole.
 */
import git, { type PromiseFsClient } from 'isomorphic-git';
import type { IFileSystem } from 'just-bash';
import { bytesFromText, textFromBytes } from '../../bytes.ts';
import type { CommandContext } from '../../command.ts';
import { type Config, readConfig } from './config-file.ts';
import { GitError } from './errors.ts';
import type { Blob, Files } from './files.ts';
import { type Index, readIndex, writeIndex } from './index-file.ts';

export interface Commit {
	readonly oid: string;
	readonly tree: string;
	readonly parents: readonly string[];
	readonly author: Person;
	readonly committer: Person;
	readonly message: string;
}
/** Seconds since the epoch; the offset in minutes east of UTC. */
export interface Person {
	readonly name: string;
	readonly email: string;
	readonly time: number;
	readonly zone: number;
}

/** The workstation's files as the library wants them. */
export function libraryFiles(disk: IFileSystem): PromiseFsClient {
	const stat = async (path: string, link: boolean): Promise<object> => {
		const s = await (link ? disk.lstat(path) : disk.stat(path));
		const ms = s.mtime.getTime();
		return {
			type: s.isDirectory ? 'dir' : 'file',
			mode: s.mode,
			size: s.size,
			ino: 0,
			dev: 0,
			uid: 1000,
			gid: 1000,
			mtimeMs: ms,
			ctimeMs: ms,
			isFile: () => s.isFile,
			isDirectory: () => s.isDirectory,
			isSymbolicLink: () => s.isSymbolicLink,
		};
	};
	return {
		promises: {
			readFile: async (path: string, options?: string | { encoding?: string }) => {
				const bytes = await disk.readFileBuffer(path);
				const encoding = typeof options === 'string' ? options : options?.encoding;
				return encoding === undefined ? new Uint8Array(bytes) : textFromBytes(bytes);
			},
			writeFile: (path: string, content: string | Uint8Array) => disk.writeFile(path, content),
			unlink: (path: string) => disk.rm(path),
			readdir: (path: string) => disk.readdir(path),
			mkdir: (path: string) => disk.mkdir(path),
			rmdir: (path: string) => disk.rm(path),
			stat: (path: string) => stat(path, false),
			lstat: (path: string) => stat(path, true),
			readlink: (path: string) => disk.readlink(path),
			symlink: (target: string, path: string) => disk.symlink(target, path),
		},
	};
}

const personOf = (p: { name: string; email: string; timestamp: number; timezoneOffset: number }): Person => ({
	name: p.name,
	email: p.email,
	time: p.timestamp,
	zone: -p.timezoneOffset,
});

export class Repository {
	readonly c: CommandContext;
	readonly disk: IFileSystem;
	readonly fs: PromiseFsClient;
	readonly gitdir: string;
	/** The top of the working tree; undefined where the repository is bare. */
	readonly top: string | undefined;
	/** The current folder below the top, '' or `a/b/`. */
	readonly prefix: string;
	private readonly cache = {};
	private settings: Config | undefined;
	private overrides: readonly string[] = [];

	constructor(c: CommandContext, gitdir: string, top: string | undefined) {
		this.c = c;
		this.disk = c.disk;
		this.fs = libraryFiles(c.disk);
		this.gitdir = gitdir;
		this.top = top;
		this.prefix = top !== undefined && c.cwd.startsWith(`${top}/`) ? `${c.cwd.slice(top.length + 1)}/` : '';
	}

	/** What every call of the library takes. */
	get at(): { readonly fs: PromiseFsClient; readonly gitdir: string; readonly dir: string; readonly cache: object } {
		return { fs: this.fs, gitdir: this.gitdir, dir: this.top ?? this.gitdir, cache: this.cache };
	}

	get tree(): string {
		if (this.top === undefined) throw new GitError('fatal: this operation must be run in a work tree', 128);
		return this.top;
	}

	async config(): Promise<Config> {
		this.settings ??= await readConfig(this.disk, this.c.env, `${this.gitdir}/config`, this.overrides);
		return this.settings;
	}

	/** Settings of `git -c name=value`, for this command alone. */
	override(settings: readonly string[]): void {
		this.overrides = settings;
	}

	forgetConfig(): void {
		this.settings = undefined;
	}

	/** A file below the git directory; undefined where there is none. */
	async read(name: string): Promise<string | undefined> {
		return this.disk.readFile(`${this.gitdir}/${name}`).catch(() => undefined);
	}

	async write(name: string, text: string): Promise<void> {
		const path = `${this.gitdir}/${name}`;
		await this.disk.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true });
		await this.disk.writeFile(path, text);
	}

	async remove(...names: readonly string[]): Promise<void> {
		for (const n of names) await this.disk.rm(`${this.gitdir}/${n}`, { recursive: true, force: true });
	}

	// Objects.

	async commit(oid: string): Promise<Commit> {
		const { commit } = await git.readCommit({ ...this.at, oid });
		return { oid, tree: commit.tree, parents: commit.parent, author: personOf(commit.author), committer: personOf(commit.committer), message: commit.message };
	}

	/** Written by hand: the library would end every message with a newline. */
	async writeCommit(c: Omit<Commit, 'oid'>): Promise<string> {
		const who = (p: Person): string => `${p.name} <${p.email}> ${p.time} ${zoneText(p.zone)}`;
		const parents = c.parents.map((p) => `parent ${p}\n`).join('');
		const text = `tree ${c.tree}\n${parents}author ${who(c.author)}\ncommitter ${who(c.committer)}\n\n${c.message}`;
		return git.writeObject({ ...this.at, type: 'commit', object: bytesFromText(text), format: 'content' });
	}

	async blob(oid: string): Promise<Buffer> {
		return Buffer.from((await git.readBlob({ ...this.at, oid })).blob);
	}

	async writeBlob(bytes: Uint8Array): Promise<string> {
		return git.writeBlob({ ...this.at, blob: bytes });
	}

	/** All files of a commit or tree, by path. `undefined` stands for the empty tree. */
	async files(oid: string | undefined): Promise<Map<string, Blob>> {
		const out = new Map<string, Blob>();
		const walk = async (tree: string, under: string): Promise<void> => {
			for (const e of (await git.readTree({ ...this.at, oid: tree })).tree) {
				if (e.type === 'tree') await walk(e.oid, `${under}${e.path}/`);
				else out.set(under + e.path, { oid: e.oid, mode: Number.parseInt(e.mode, 8) });
			}
		};
		if (oid !== undefined) await walk(oid, '');
		return out;
	}

	/** Writes the trees for a map of files; the top one's id. */
	async writeTree(files: Files): Promise<string> {
		interface Folder {
			readonly blobs: Map<string, Blob>;
			readonly folders: Map<string, Folder>;
		}
		const root: Folder = { blobs: new Map(), folders: new Map() };
		for (const [path, blob] of files) {
			const parts = path.split('/');
			const name = parts.pop() ?? '';
			let at = root;
			for (const p of parts) {
				const next = at.folders.get(p) ?? { blobs: new Map(), folders: new Map() };
				at.folders.set(p, next);
				at = next;
			}
			at.blobs.set(name, blob);
		}
		const write = async (folder: Folder): Promise<string> => {
			const tree = [...folder.blobs].map(([path, b]) => ({ path, oid: b.oid, mode: b.mode.toString(8), type: 'blob' as const }));
			const trees = [];
			for (const [path, f] of folder.folders) trees.push({ path, oid: await write(f), mode: '040000', type: 'tree' as const });
			return git.writeTree({ ...this.at, tree: [...tree, ...trees] });
		};
		return write(root);
	}

	// References.

	/** What a full reference points to; undefined where there is none. */
	async ref(name: string): Promise<string | undefined> {
		return git.resolveRef({ ...this.at, ref: name }).catch(() => undefined);
	}

	async head(): Promise<string | undefined> {
		return this.ref('HEAD');
	}

	/** The branch that HEAD names, without `refs/heads/`; undefined where it is detached. */
	async branch(): Promise<string | undefined> {
		const text = (await this.read('HEAD')) ?? '';
		return /^ref: refs\/heads\/(.+?)\s*$/.exec(text)?.[1];
	}

	/** Points a reference to an object, with a line in its log. */
	async setRef(name: string, oid: string, why: string): Promise<void> {
		const old = await this.ref(name);
		await git.writeRef({ ...this.at, ref: name, value: oid, force: true });
		await this.log(name, old, oid, why);
	}

	/** Moves what HEAD stands for (its branch, or HEAD itself where detached). */
	async moveHead(oid: string, why: string): Promise<void> {
		const branch = await this.branch();
		const old = await this.head();
		if (branch === undefined) await this.write('HEAD', `${oid}\n`);
		else await this.setRef(`refs/heads/${branch}`, oid, why);
		await this.log('HEAD', old, oid, why);
	}

	/** Sets HEAD to a branch or, detached, to a commit. */
	async attach(to: { readonly branch: string } | { readonly oid: string }, why: string): Promise<void> {
		const old = await this.head();
		await this.write('HEAD', 'branch' in to ? `ref: refs/heads/${to.branch}\n` : `${to.oid}\n`);
		const now = await this.head();
		if (now !== undefined) await this.log('HEAD', old, now, why);
	}

	async deleteRef(name: string): Promise<void> {
		await git.deleteRef({ ...this.at, ref: name });
		await this.remove(`logs/${name}`);
	}

	private async log(name: string, old: string | undefined, oid: string, why: string): Promise<void> {
		if (this.top === undefined || !/^(HEAD$|refs\/(heads|remotes)\/|refs\/stash$)/.test(name)) return;
		const { name: who, email, time, zone } = await this.person('COMMITTER');
		const line = `${old ?? '0'.repeat(40)} ${oid} ${who} <${email}> ${time} ${zoneText(zone)}\t${why.split('\n')[0]}\n`;
		await this.write(`logs/${name}`, `${(await this.read(`logs/${name}`)) ?? ''}${line}`);
	}

	/** Full names of references under a prefix, sorted. */
	async refs(under: string): Promise<string[]> {
		const found = await git.listRefs({ ...this.at, filepath: under }).catch(() => []);
		return found.map((f) => `${under}/${f}`).sort();
	}

	// Who and when.

	/** Author or committer: from the environment, the configuration, or the workstation's own. */
	async person(role: 'AUTHOR' | 'COMMITTER'): Promise<Person> {
		const { env } = this.c;
		const config = await this.config();
		const date = env[`GIT_${role}_DATE`];
		const when = date === undefined ? undefined : parseDate(date, this.c.clock.now());
		return {
			name: env[`GIT_${role}_NAME`] ?? config.get('user.name') ?? 'learner',
			email: env[`GIT_${role}_EMAIL`] ?? config.get('user.email') ?? 'learner@workstation',
			time: when?.time ?? Math.floor(this.c.clock.now() / 1000),
			zone: when?.zone ?? 0,
		};
	}

	// The index.

	index(): Promise<Index> {
		return readIndex(this.disk, `${this.gitdir}/index`);
	}

	saveIndex(index: Index): Promise<void> {
		return writeIndex(this.disk, `${this.gitdir}/index`, index);
	}
}

export const zoneText = (minutes: number): string => {
	const m = Math.abs(minutes);
	return `${minutes < 0 ? '-' : '+'}${String(Math.floor(m / 60)).padStart(2, '0')}${String(m % 60).padStart(2, '0')}`;
};

/** Dates as git takes them: `@seconds zone`, ISO 8601, RFC 2822. `now` in ms. */
export function parseDate(text: string, now: number): { readonly time: number; readonly zone: number } | undefined {
	const zoneOf = (z: string | undefined): number => (z === undefined ? 0 : (z.startsWith('-') ? -1 : 1) * (Number(z.slice(1, 3)) * 60 + Number(z.slice(-2))));
	const raw = /^@?(\d{5,}) ?([-+]\d{4})?$/.exec(text.trim());
	if (raw !== null) return { time: Number(raw[1]), zone: zoneOf(raw[2]) };
	if (text === 'now') return { time: Math.floor(now / 1000), zone: 0 };
	const ago = /^(\d+)[ .](second|minute|hour|day|week|month|year)s?[ .]ago$/.exec(text);
	const size = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800, month: 2_592_000, year: 31_536_000 };
	if (ago !== null) return { time: Math.floor(now / 1000) - Number(ago[1]) * size[ago[2] as keyof typeof size], zone: 0 };
	const zone = /([-+]\d{2}:?\d{2})$/.exec(text.trim())?.[1];
	const ms = Date.parse(zone === undefined && !/Z$/.test(text) ? `${text}Z` : text);
	const other = Number.isNaN(ms) ? Date.parse(zone === undefined ? `${text} UTC` : text) : ms;
	return Number.isNaN(other) ? undefined : { time: Math.floor(other / 1000), zone: zoneOf(zone) };
}

/** The repository around the current folder, or that `GIT_DIR` names. */
export async function openRepository(c: CommandContext): Promise<Repository> {
	const given = c.env['GIT_DIR'];
	if (given !== undefined) {
		const gitdir = c.disk.resolvePath(c.cwd, given);
		return new Repository(c, gitdir, gitdir.endsWith('/.git') ? gitdir.slice(0, -5) : undefined);
	}
	for (let at = c.cwd; ; at = at.slice(0, at.lastIndexOf('/'))) {
		const found = await repositoryAt(c, at === '' ? '/' : at);
		if (found !== undefined) return found;
		if (at === '' || at === '/') break;
	}
	throw new GitError('fatal: not a git repository (or any of the parent directories): .git', 128);
}

/** A repository whose top, or whose bare directory, is exactly this folder. */
export async function repositoryAt(c: CommandContext, folder: string): Promise<Repository | undefined> {
	const base = folder === '/' ? '' : folder;
	if (await c.disk.exists(`${base}/.git/HEAD`)) return new Repository(c, `${base}/.git`, folder);
	if ((await c.disk.exists(`${base}/HEAD`)) && (await c.disk.exists(`${base}/objects`)) && (await c.disk.exists(`${base}/refs`))) {
		return new Repository(c, base, undefined);
	}
	return undefined;
}
