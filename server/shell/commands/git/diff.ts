/** git diff and blame. */
import { textFromBytes } from '../../bytes.ts';
import { dateText } from './commit.ts';
import { GitError } from './errors.ts';
import { changesOf, splitLines } from './lines.ts';
import { DIFF_FLAGS, DIFF_OPTIONAL, DIFF_VALUED, showChanges } from './changes.ts';
import { parseOptions } from './options.ts';
import { coloured, compare, contentOf, type FileChange, patchOf, plain } from './patch.ts';
import type { Repository } from './repository.ts';
import { commitOf, mergeBase, splitArguments, tryObject } from './revisions.ts';
import { statusOf } from './status.ts';
import { blobId, matcher } from './worktree.ts';

export async function diff(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: `cached staged exit-code q quiet check no-index R ${DIFF_FLAGS}`, valued: DIFF_VALUED, optional: DIFF_OPTIONAL });
	const paint = repo.c.io.stdoutIsTerminal && !o.has('no-color') ? coloured : plain;
	const { revisions, paths } = await splitArguments(repo, o.words);
	const wanted = matcher(repo, paths);
	const tree = async (name: string): Promise<string> => (await commitOf(repo, name === '' ? 'HEAD' : name)).tree;
	let changes: FileChange[];
	let working = false;
	const range = /^(.*?)(\.\.\.?)(.*)$/.exec(revisions[0] ?? '');
	if (range !== null) {
		let left = (await commitOf(repo, range[1] === '' ? 'HEAD' : (range[1] ?? ''))).oid;
		const right = (await commitOf(repo, range[3] === '' ? 'HEAD' : (range[3] ?? ''))).oid;
		if (range[2] === '...') left = (await mergeBase(repo, left, right)) ?? left;
		changes = compare(await repo.files(await tree(left)), await repo.files(await tree(right)), wanted);
	} else if (revisions.length >= 2 && revisions.every((r) => r.includes(':'))) return blobs(repo, revisions, paint);
	else if (revisions.length >= 2) changes = compare(await repo.files(await tree(revisions[0] ?? '')), await repo.files(await tree(revisions[1] ?? '')), wanted);
	else if (o.has('cached', 'staged')) {
		const head = revisions[0] ?? 'HEAD';
		const before = head === 'HEAD' && (await repo.head()) === undefined ? new Map() : await repo.files(await tree(head));
		const index = await repo.index();
		changes = compare(before, index.entries, (p) => wanted(p) && !index.conflicts.has(p));
		changes.push(...[...index.conflicts.keys()].filter(wanted).map((path) => ({ path, from: path, unmerged: true as const })));
	} else {
		working = true;
		const status = await statusOf(repo, wanted);
		if (revisions[0] === undefined) {
			const text = await conflictDiffs(repo, status, o.has('name-only', 'name-status', 'stat'));
			if (text !== '') repo.c.io.stdout(text);
			changes = [...status.changed];
		} else changes = compare(await repo.files(await tree(revisions[0])), status.working, wanted);
	}
	if (!o.has('q', 'quiet') && changes.length > 0) repo.c.io.stdout(await showChanges(repo, changes, o, paint, working));
	return o.has('exit-code', 'q', 'quiet') && changes.length > 0 ? 1 : 0;
}

/** Two blobs by name: `git diff a:f b:f`. */
async function blobs(repo: Repository, names: readonly string[], paint: typeof plain): Promise<number> {
	const [a, b] = [await tryObject(repo, names[0] ?? ''), await tryObject(repo, names[1] ?? '')];
	if (a === undefined || b === undefined) throw new GitError(`fatal: bad object ${a === undefined ? names[0] : names[1]}`, 128);
	const path = (n: string | undefined): string => n?.split(':')[1] ?? '';
	if (a !== b)
		repo.c.io.stdout(
			await patchOf({ path: path(names[1]), from: path(names[0]), old: { oid: a, mode: 0o100644 }, new: { oid: b, mode: 0o100644 } }, contentOf(repo), {
				paint,
			}),
		);
	return 0;
}

/** Conflicts in the combined form: our side and theirs each have a column of signs. */
async function conflictDiffs(repo: Repository, status: Awaited<ReturnType<typeof statusOf>>, names: boolean): Promise<string> {
	let out = '';
	for (const [path, [, ours, theirs]] of status.conflicts) {
		const working = status.working.get(path);
		if (names) {
			out += `${path}\n`;
			continue;
		}
		if (ours === undefined || theirs === undefined || working === undefined) {
			out += `* Unmerged path ${path}\n`;
			continue;
		}
		const text = async (oid: string): Promise<string[]> => splitLines(textFromBytes(await repo.blob(oid)));
		const result = splitLines(textFromBytes(Buffer.from(await repo.disk.readFileBuffer(`${repo.tree}/${path}`))));
		out += `diff --cc ${path}\nindex ${ours.oid.slice(0, 7)},${theirs.oid.slice(0, 7)}..0000000\n--- a/${path}\n+++ b/${path}\n${combined(await text(ours.oid), await text(theirs.oid), result)}`;
	}
	return out;
}

function combined(ours: readonly string[], theirs: readonly string[], result: readonly string[]): string {
	const rows = result.map((line) => ({ line, signs: '' }));
	for (const side of [ours, theirs]) {
		const added = new Set<number>();
		for (const c of changesOf(side, result)) for (let i = c.b[0]; i < c.b[1]; i++) added.add(i);
		rows.forEach((r, i) => {
			r.signs += added.has(i) ? '+' : ' ';
		});
	}
	const marks = rows.flatMap((r, i) => (r.signs.trim() === '' ? [] : [i]));
	const from = Math.max(0, (marks[0] ?? 0) - 3);
	const to = Math.min(rows.length, (marks.at(-1) ?? 0) + 4);
	const size = (side: readonly string[]): number => to - from - (result.length - side.length);
	const body = rows.slice(from, to).map((r) => `${r.signs}${r.line.endsWith('\n') ? r.line : `${r.line}\n\\ No newline at end of file\n`}`);
	return `@@@ -${from + 1},${size(ours)} -${from + 1},${size(theirs)} +${from + 1},${to - from} @@@\n${body.join('')}`;
}

/** Who wrote each line last: lines are followed from a commit to its first parent that had them. */
export async function blame(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 's e show-email l w', valued: 'L' });
	const { revisions, paths } = await splitArguments(repo, o.words.length === 1 ? ['--', ...o.words] : o.words);
	const given = paths[0];
	if (given === undefined) throw new GitError('usage: git blame [<options>] [<rev-opts>] [<rev>] [--] <file>', 129);
	const path = repo.disk.resolvePath(repo.c.cwd, given).slice(repo.tree.length + 1);
	const start = await commitOf(repo, revisions[0] ?? 'HEAD');
	const content = async (commit: string): Promise<string[] | undefined> => {
		const blob = (await repo.files((await repo.commit(commit)).tree)).get(path);
		return blob === undefined ? undefined : splitLines(textFromBytes(await repo.blob(blob.oid)));
	};
	const committed = await content(start.oid);
	if (committed === undefined) throw new GitError(`fatal: no such path '${path}' in ${revisions[0] ?? 'HEAD'}`, 128);
	const bytes = revisions.length > 0 ? undefined : Buffer.from(await repo.disk.readFileBuffer(`${repo.tree}/${path}`));
	const last = bytes === undefined || blobId(bytes) === blobId(Buffer.from(committed.join(''))) ? committed : splitLines(textFromBytes(bytes));
	const owner = new Array<string | undefined>(last.length).fill(undefined);
	/** What a commit may still own: its own line → the line of the result. */
	const follow = async (oid: string, lines: readonly string[], where: ReadonlyMap<number, number>): Promise<void> => {
		const left = new Map(where);
		for (const parent of (await repo.commit(oid)).parents) {
			const before = await content(parent);
			if (before === undefined) continue;
			const passed = unchanged(before, lines, left);
			for (const k of passed.taken) left.delete(k);
			if (passed.where.size > 0) await follow(parent, before, passed.where);
		}
		for (const at of left.values()) owner[at] = oid;
	};
	const all = new Map(last.map((_, i) => [i, i]));
	await follow(start.oid, committed, last === committed ? all : unchanged(committed, last, all).where);
	let [from, to] = [1, last.length];
	const range = /^(\d+),(\+?)(\d+)$/.exec(o.get('L') ?? '');
	if (range !== null) [from, to] = [Number(range[1]), range[2] === '+' ? Number(range[1]) + Number(range[3]) - 1 : Number(range[3])];
	const zero = '0'.repeat(40);
	const rows = [];
	for (let i = from - 1; i < Math.min(to, last.length); i++) {
		const oid = owner[i];
		const c = oid === undefined ? undefined : await repo.commit(oid);
		const author = c?.author ?? { ...(await repo.person('AUTHOR')), name: 'Not Committed Yet' };
		const id = o.has('l') ? (oid ?? zero) : c !== undefined && c.parents.length === 0 ? `^${(oid ?? zero).slice(0, 7)}` : (oid ?? zero).slice(0, 8);
		rows.push({ id, who: o.has('e', 'show-email') ? `<${author.email}>` : author.name, when: dateText(author, 'iso'), line: last[i] ?? '', n: i + 1 });
	}
	const wide = Math.max(...rows.map((r) => r.who.length));
	const digits = String(Math.min(to, last.length)).length;
	for (const r of rows)
		repo.c.io.stdout(`${r.id} ${o.has('s') ? '' : `(${r.who.padEnd(wide)} ${r.when} `}${String(r.n).padStart(digits)}) ${r.line.replace(/\n$/, '')}\n`);
	return 0;
}

/** Lines of `after` that stood in `before` already: those of `where`, by their place in `before`. */
function unchanged(
	before: readonly string[],
	after: readonly string[],
	where: ReadonlyMap<number, number>,
): { readonly where: Map<number, number>; readonly taken: readonly number[] } {
	const out = new Map<number, number>();
	const taken: number[] = [];
	const changes = changesOf(before, after);
	let shift = 0;
	let next = 0;
	for (let i = 0; i < after.length; i++) {
		const c = changes[next];
		if (c !== undefined && i >= c.b[0] && i < c.b[1]) {
			if (i === c.b[1] - 1) {
				shift += c.a[1] - c.a[0] - (c.b[1] - c.b[0]);
				next++;
			}
			continue;
		}
		if (c !== undefined && i >= c.b[0] && c.b[0] === c.b[1]) {
			shift += c.a[1] - c.a[0];
			next++;
			i--;
			continue;
		}
		const target = where.get(i);
		if (target !== undefined) {
			out.set(i + shift, target);
			taken.push(i);
		}
	}
	return { where: out, taken };
}
