/** Getting objects from one repository to another: by path on the workstation, or by smart HTTP through the sandbox's network. */
import git, { type GitHttpRequest, type GitHttpResponse, type HttpClient } from 'isomorphic-git';
import { bytesFromText, textFromBytes } from '../../bytes.ts';
import type { CommandContext } from '../../command.ts';
import { GitError } from './errors.ts';
import { repositoryAt, type Repository } from './repository.ts';

/** From this many objects on, they come as a pack: each loose one is a file of the workstation. git's transfer.unpackLimit. */
const UNPACK_LIMIT = 100;

export interface RemoteRefs {
	/** Full names → ids; annotated tags as they are. */
	readonly refs: ReadonlyMap<string, string>;
	/** The branch that HEAD names. */
	readonly head: string | undefined;
}

export interface Transport {
	list(): Promise<RemoteRefs>;
	/** Brings objects reachable from these ids into the repository. */
	fetch(wants: readonly string[], into: Repository): Promise<void>;
	/** Sets a reference over there (undefined: deletes it), once its objects are there. Resolves with a refusal's words. */
	push(from: Repository, ref: string, oid: string | undefined, force: boolean): Promise<string | undefined>;
}

/** Objects reachable from some ids that the other repository lacks. */
async function missing(from: Repository, into: Repository, ids: readonly string[]): Promise<string[]> {
	const out: string[] = [];
	const seen = new Set<string>();
	const has = async (oid: string): Promise<boolean> =>
		git.readObject({ ...into.at, oid, format: 'deflated' }).then(
			() => true,
			() => false,
		);
	const next = [...ids];
	for (let oid = next.pop(); oid !== undefined; oid = next.pop()) {
		if (seen.has(oid)) continue;
		seen.add(oid);
		if (await has(oid)) continue;
		out.push(oid);
		const { type } = await git.readObject({ ...from.at, oid, format: 'content' });
		if (type === 'commit') {
			const c = await from.commit(oid);
			next.push(c.tree, ...c.parents);
		} else if (type === 'tag') next.push((await git.readTag({ ...from.at, oid })).tag.object);
		else if (type === 'tree') next.push(...(await git.readTree({ ...from.at, oid })).tree.filter((e) => e.type !== 'commit').map((e) => e.oid));
	}
	return out;
}

export async function copyObjects(from: Repository, into: Repository, ids: readonly string[]): Promise<void> {
	const oids = await missing(from, into, ids);
	if (oids.length >= UNPACK_LIMIT) {
		const { filename, packfile } = await git.packObjects({ ...from.at, oids });
		if (packfile !== undefined) {
			const folder = `${into.gitdir}/objects/pack`;
			await into.disk.mkdir(folder, { recursive: true });
			await into.disk.writeFile(`${folder}/${filename}`, packfile);
			await git.indexPack({ fs: into.fs, dir: into.gitdir, gitdir: into.gitdir, filepath: `objects/pack/${filename}` });
			return;
		}
	}
	for (const oid of oids.reverse()) {
		const { type, object } = await git.readObject({ ...from.at, oid, format: 'content' });
		await git.writeObject({ ...into.at, type: type as 'blob', object: object as Uint8Array, format: 'content' });
	}
}

function localTransport(other: Repository): Transport {
	return {
		list: async () => {
			const refs = new Map<string, string>();
			for (const r of [...(await other.refs('refs/heads')), ...(await other.refs('refs/tags'))]) {
				const oid = await other.ref(r);
				if (oid !== undefined) refs.set(r, oid);
			}
			return { refs, head: await other.branch() };
		},
		fetch: (wants, into) => copyObjects(other, into, wants),
		push: async (from, ref, oid, _force) => {
			if (other.top !== undefined && ref === `refs/heads/${await other.branch()}`) return 'branch is currently checked out';
			if (oid === undefined) await other.deleteRef(ref);
			else {
				await copyObjects(from, other, [oid]);
				await other.setRef(ref, oid, 'push');
			}
			return undefined;
		},
	};
}

/** The library's HTTP client over the sandbox's network. */
function httpClient(c: CommandContext): HttpClient {
	return {
		request: async (request: GitHttpRequest): Promise<GitHttpResponse> => {
			const parts: Uint8Array[] = [];
			for await (const p of request.body ?? []) parts.push(p);
			const body = Buffer.concat(parts);
			const result = await c.network.request({
				method: request.method ?? 'GET',
				url: request.url,
				headers: { ...request.headers },
				...(body.length === 0 ? {} : { body: textFromBytes(body) }),
			});
			const host = new URL(request.url).hostname;
			if (!result.ok) {
				const port = new URL(request.url).port;
				const why =
					result.error === 'ENOTFOUND'
						? `Could not resolve host: ${host}`
						: `Failed to connect to ${host} port ${port === '' ? (request.url.startsWith('https') ? 443 : 80) : port}: ${result.error === 'ECONNREFUSED' ? 'Connection refused' : result.error}`;
				throw new GitError(`fatal: unable to access '${request.url.replace(/\/info\/refs.*$/, '/')}': ${why}`, 128);
			}
			const { response } = result;
			if (!('status' in response)) throw new GitError(`fatal: unable to access '${request.url}': Empty reply from server`, 128);
			const answer = bytesFromText(response.body ?? '');
			async function* chunks(): AsyncIterableIterator<Uint8Array> {
				yield answer;
			}
			return {
				url: request.url,
				method: request.method ?? 'GET',
				headers: { ...response.headers },
				statusCode: response.status,
				statusMessage: String(response.status),
				body: chunks(),
			};
		},
	};
}

function httpTransport(c: CommandContext, url: string): Transport {
	const http = httpClient(c);
	const said = (e: unknown): never => {
		if (e instanceof GitError) throw e;
		const status = (e as { data?: { statusCode?: number } }).data?.statusCode;
		throw new GitError(
			status === 404
				? `fatal: repository '${url}/' not found`
				: status === 401
					? `fatal: Authentication failed for '${url}/'`
					: `fatal: unable to access '${url}/': ${e instanceof Error ? e.message : String(e)}`,
			128,
		);
	};
	return {
		list: async () => {
			const found = await git.listServerRefs({ http, url, symrefs: true, protocolVersion: 1 }).catch(said);
			const refs = new Map<string, string>();
			for (const r of found) if (/^refs\/(heads|tags)\//.test(r.ref) && !r.ref.endsWith('^{}')) refs.set(r.ref, r.oid);
			return { refs, head: found.find((r) => r.ref === 'HEAD')?.target?.replace('refs/heads/', '') };
		},
		fetch: async (_wants, into) => {
			await git.fetch({ ...into.at, http, url, remote: 'foothold-fetch', tags: true }).catch(said);
			await into.remove('refs/remotes/foothold-fetch', 'FETCH_HEAD');
		},
		push: async (from, ref, oid, force) => {
			const local = 'refs/foothold/push';
			if (oid !== undefined) await git.writeRef({ ...from.at, ref: local, value: oid, force: true });
			try {
				const done = await git.push({ ...from.at, http, url, ...(oid === undefined ? { delete: true, ref } : { ref: local }), remoteRef: ref, force });
				return Object.values(done.refs).find((r) => !r.ok)?.error;
			} catch (e) {
				if ((e as { code?: string }).code === 'PushRejectedError') return 'non-fast-forward';
				return said(e);
			} finally {
				await from.remove(local);
			}
		},
	};
}

/** The way to a repository by URL or path. */
export async function transportTo(c: CommandContext, url: string): Promise<Transport> {
	if (/^https?:\/\//.test(url)) return httpTransport(c, url.replace(/\/$/, ''));
	if (/^(ssh|git):\/\/|^[\w.-]+@[\w.-]+:/.test(url)) throw new GitError(`fatal: transport of '${url}' is not available here: use a path, http or https`, 128);
	const path = c.disk.resolvePath(c.cwd, url.replace(/^file:\/\//, ''));
	for (const p of [path, `${path}.git`]) {
		const found = await repositoryAt(c, p);
		if (found !== undefined) return localTransport(found);
	}
	throw new GitError(
		`fatal: '${url}' does not appear to be a git repository\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.`,
		128,
	);
}
