/** git status: what is staged, changed and untracked, long, short and for scripts. */
import type { Index } from './index-file.ts';
import { parseOptions } from './options.ts';
import { byBytes, compare, contentOf, type FileChange, letterOf, quoted, shortId, withRenames } from './patch.ts';
import type { Blob } from './files.ts';
import type { Repository } from './repository.ts';
import { aheadBehind, upstream } from './revisions.ts';
import { folded, matcher, scan, untrackedFiles, workingFiles } from './worktree.ts';

export interface Status {
	readonly index: Index;
	/** HEAD to index. */
	readonly staged: readonly FileChange[];
	/** Index to working tree. */
	readonly changed: readonly FileChange[];
	readonly untracked: readonly string[];
	readonly ignored: readonly string[];
	/** Path → its stages 1 to 3. */
	readonly conflicts: ReadonlyMap<string, readonly (Blob | undefined)[]>;
	/** The working tree's version of what is tracked. */
	readonly working: ReadonlyMap<string, Blob>;
}

export async function statusOf(repo: Repository, wanted: (path: string) => boolean = () => true): Promise<Status> {
	const index = await repo.index();
	const head = await repo.head();
	const found = await scan(repo);
	const working = await workingFiles(repo, index, found);
	const { untracked, ignored } = await untrackedFiles(repo, index, found);
	const committed = await repo.files(head);
	const unconflicted = (path: string): boolean => wanted(path) && !index.conflicts.has(path);
	return {
		index,
		staged: await withRenames(compare(committed, index.entries, unconflicted), contentOf(repo)),
		changed: compare(index.entries, working, unconflicted),
		untracked: untracked.filter(wanted),
		ignored: ignored.filter(wanted),
		conflicts: new Map([...index.conflicts].filter(([p]) => wanted(p)).sort(([a], [b]) => byBytes(a, b))),
		working,
	};
}

/** How the current branch stands to the one it follows. */
export async function trackingText(repo: Repository): Promise<string> {
	const up = await upstream(repo, await repo.branch());
	if (up === undefined) return '';
	const name = up.ref.replace(/^refs\/(remotes|heads)\//, '');
	const [head, other] = [await repo.head(), await repo.ref(up.ref)];
	if (other === undefined) return `Your branch is based on '${name}', but the upstream is gone.\n  (use "git branch --unset-upstream" to fixup)\n`;
	if (head === undefined) return '';
	const [ahead, behind] = await aheadBehind(repo, head, other);
	const s = (n: number): string => `${n} commit${n === 1 ? '' : 's'}`;
	if (ahead === 0 && behind === 0) return `Your branch is up to date with '${name}'.\n`;
	if (behind === 0) return `Your branch is ahead of '${name}' by ${s(ahead)}.\n  (use "git push" to publish your local commits)\n`;
	if (ahead === 0) return `Your branch is behind '${name}' by ${s(behind)}, and can be fast-forwarded.\n  (use "git pull" to update your local branch)\n`;
	return `Your branch and '${name}' have diverged,\nand have ${ahead} and ${behind} different commits each, respectively.\n  (use "git pull" to merge the remote branch into yours)\n`;
}

const WORDS: { readonly [letter: string]: string } = { M: 'modified:   ', A: 'new file:   ', D: 'deleted:    ', R: 'renamed:    ', T: 'typechange: ' };

/** What happened to a path in conflict, by which of its stages there are: two letters, and words. */
export function conflictKind(stages: readonly (Blob | undefined)[]): { readonly letters: string; readonly words: string } {
	const key = stages.map((s) => (s === undefined ? '-' : 'x')).join('');
	const kinds: { readonly [key: string]: readonly [string, string] } = {
		'x--': ['DD', 'both deleted:    '],
		'-x-': ['AU', 'added by us:     '],
		'xx-': ['UD', 'deleted by them: '],
		'--x': ['UA', 'added by them:   '],
		'x-x': ['DU', 'deleted by us:   '],
		'-xx': ['AA', 'both added:      '],
		xxx: ['UU', 'both modified:   '],
	};
	const [letters, words] = kinds[key] ?? ['UU', 'both modified:   '];
	return { letters, words };
}

/** A path as seen from the current folder. */
export function relative(repo: Repository, path: string): string {
	if (repo.prefix === '') return path;
	const from = repo.prefix.split('/').slice(0, -1);
	const to = path.split('/');
	let same = 0;
	while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
	const rest = [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
	return rest === '' ? './' : rest;
}

async function underWay(repo: Repository, status: Status): Promise<string> {
	const open = status.conflicts.size > 0;
	const pick = await repo.read('CHERRY_PICK_HEAD');
	const revert = await repo.read('REVERT_HEAD');
	if ((await repo.read('rebase-merge/onto')) !== undefined) {
		const onto = shortId((await repo.read('rebase-merge/onto')) ?? '');
		const name = ((await repo.read('rebase-merge/head-name')) ?? '').trim().replace('refs/heads/', '');
		return `You are currently rebasing branch '${name}' on '${onto}'.\n${open ? '  (fix conflicts and then run "git rebase --continue")\n  (use "git rebase --skip" to skip this patch)\n  (use "git rebase --abort" to check out the original branch)\n' : '  (all conflicts fixed: run "git rebase --continue")\n'}\n`;
	}
	if ((await repo.read('MERGE_HEAD')) !== undefined)
		return open
			? 'You have unmerged paths.\n  (fix conflicts and run "git commit")\n  (use "git merge --abort" to abort the merge)\n\n'
			: 'All conflicts fixed but you are still merging.\n  (use "git commit" to conclude merge)\n\n';
	for (const [name, doing, head] of [
		['cherry-pick', 'cherry-picking', pick],
		['revert', 'reverting', revert],
	] as const)
		if (head !== undefined)
			return `You are currently ${doing} commit ${shortId(head)}.\n${open ? `  (fix conflicts and run "git ${name} --continue")\n` : `  (all conflicts fixed: run "git ${name} --continue")\n`}  (use "git ${name} --skip" to skip this patch)\n  (use "git ${name} --abort" to cancel the ${name} operation)\n\n`;
	return '';
}

/** The long form; also what a commit's message file says, in comments. */
export async function longStatus(
	repo: Repository,
	status: Status,
	options: { readonly colour?: boolean; readonly ignored?: boolean; readonly all?: boolean; readonly committing?: boolean } = {},
): Promise<string> {
	const head = await repo.head();
	const branch = await repo.branch();
	const paint = (code: string, text: string): string => (options.colour ? `\x1b[${code}m${text}\x1b[m` : text);
	const rebasing = await repo.read('rebase-merge/onto');
	let out = branch !== undefined ? `On branch ${branch}\n` : rebasing !== undefined ? '' : `HEAD detached at ${shortId(head ?? '')}\n`;
	if (head === undefined) out += options.committing ? '\nInitial commit\n\n' : '\nNo commits yet\n\n';
	const tracking = await trackingText(repo);
	if (tracking !== '') out += `${tracking}\n`;
	out += await underWay(repo, status);
	const { staged, changed, conflicts } = status;
	const line = (c: FileChange, code: string): string =>
		`\t${paint(code, `${WORDS[letterOf(c)]}${c.similarity === undefined ? quoted(relative(repo, c.path)) : `${quoted(relative(repo, c.from))} -> ${quoted(relative(repo, c.path))}`}`)}\n`;
	const unstage = head === undefined ? '  (use "git rm --cached <file>..." to unstage)\n' : '  (use "git restore --staged <file>..." to unstage)\n';
	const merging = (await repo.read('MERGE_HEAD')) !== undefined;
	const midway = merging || (await repo.read('CHERRY_PICK_HEAD')) !== undefined || (await repo.read('REVERT_HEAD')) !== undefined;
	if (staged.length > 0) out += `Changes to be committed:\n${merging ? '' : unstage}${staged.map((c) => line(c, '32')).join('')}\n`;
	if (conflicts.size > 0) {
		const deleted = [...conflicts.values()].some((s) => s[1] === undefined || s[2] === undefined);
		out += `Unmerged paths:\n${midway ? '' : unstage}  (use "git add${deleted ? '/rm' : ''} <file>..." ${deleted ? 'as appropriate ' : ''}to mark resolution)\n`;
		for (const [path, stages] of conflicts) out += `\t${paint('31', conflictKind(stages).words + quoted(relative(repo, path)))}\n`;
		out += '\n';
	}
	if (changed.length > 0) {
		const rm = changed.some((c) => c.new === undefined) ? 'add/rm' : 'add';
		out += `Changes not staged for commit:\n  (use "git ${rm} <file>..." to update what will be committed)\n  (use "git restore <file>..." to discard changes in working directory)\n`;
		out += `${changed.map((c) => line(c, '31')).join('')}\n`;
	}
	const untracked = options.all ? status.untracked : folded(status.untracked, status.index);
	if (untracked.length > 0)
		out += `Untracked files:\n  (use "git add <file>..." to include in what will be committed)\n${untracked.map((p) => `\t${paint('31', quoted(relative(repo, p)))}\n`).join('')}\n`;
	if (options.ignored && status.ignored.length > 0)
		out += `Ignored files:\n  (use "git add -f <file>..." to include in what will be committed)\n${folded(status.ignored, status.index, status.untracked)
			.map((p) => `\t${paint('31', quoted(relative(repo, p)))}\n`)
			.join('')}\n`;
	if (staged.length > 0) return out;
	if (conflicts.size > 0 || changed.length > 0) return `${out}no changes added to commit (use "git add" and/or "git commit -a")\n`;
	if (untracked.length > 0) return `${out}nothing added to commit but untracked files present (use "git add" to track)\n`;
	if (merging || (rebasing !== undefined && branch === undefined && out.endsWith('\n\n')))
		return merging ? out.replace(/\n$/, '\n') : `${out}nothing to commit, working tree clean\n`;
	return `${out}${head === undefined ? 'nothing to commit (create/copy files and use "git add" to track)\n' : 'nothing to commit, working tree clean\n'}`;
}

/** Two letters and a path a line. `nul`: paths as they are, ended by NUL. */
function shortStatus(
	repo: Repository,
	status: Status,
	o: { readonly nul: boolean; readonly all: boolean; readonly ignored: boolean; readonly relative: boolean },
): string {
	const rows = new Map<string, { x: string; y: string; from?: string }>();
	for (const c of status.staged) rows.set(c.path, { x: letterOf(c), y: ' ', ...(c.similarity === undefined ? {} : { from: c.from }) });
	for (const c of status.changed) {
		const row = rows.get(c.path);
		if (row === undefined) rows.set(c.path, { x: ' ', y: letterOf(c) });
		else row.y = letterOf(c);
	}
	for (const [path, stages] of status.conflicts) rows.set(path, { x: conflictKind(stages).letters[0] ?? 'U', y: conflictKind(stages).letters[1] ?? 'U' });
	const show = (p: string): string => {
		const shown = o.relative ? relative(repo, p) : p;
		return o.nul ? shown : shown.includes(' ') ? `"${shown}"` : quoted(shown);
	};
	const end = o.nul ? '\0' : '\n';
	let out = '';
	for (const [path, row] of [...rows].sort(([a], [b]) => byBytes(a, b)))
		out += `${row.x}${row.y} ${row.from === undefined ? show(path) : o.nul ? `${show(path)}\0${row.from}` : `${show(row.from)} -> ${show(path)}`}${end}`;
	for (const p of o.all ? status.untracked : folded(status.untracked, status.index)) out += `?? ${show(p)}${end}`;
	if (o.ignored) for (const p of folded(status.ignored, status.index, status.untracked)) out += `!! ${show(p)}${end}`;
	return out;
}

async function branchLine(repo: Repository): Promise<string> {
	const branch = await repo.branch();
	const head = await repo.head();
	if (branch === undefined) return '## HEAD (no branch)\n';
	if (head === undefined) return `## No commits yet on ${branch}\n`;
	const up = await upstream(repo, branch);
	if (up === undefined) return `## ${branch}\n`;
	const name = up.ref.replace(/^refs\/(remotes|heads)\//, '');
	const other = await repo.ref(up.ref);
	if (other === undefined) return `## ${branch}...${name} [gone]\n`;
	const [ahead, behind] = await aheadBehind(repo, head, other);
	const parts = [ahead > 0 ? `ahead ${ahead}` : '', behind > 0 ? `behind ${behind}` : ''].filter((p) => p !== '');
	return `## ${branch}...${name}${parts.length === 0 ? '' : ` [${parts.join(', ')}]`}\n`;
}

export async function status(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 's short b branch z long ignored no-renames v verbose', optional: 'porcelain u untracked-files' });
	const found = await statusOf(repo, matcher(repo, o.operands));
	const mode = o.get('u', 'untracked-files');
	const seen = mode === 'no' ? { ...found, untracked: [] } : found;
	const all = o.has('u', 'untracked-files') && mode !== 'no' && mode !== 'normal';
	const { io } = repo.c;
	if (o.has('s', 'short', 'porcelain', 'z')) {
		if (o.has('b', 'branch')) io.stdout(await branchLine(repo));
		io.stdout(shortStatus(repo, seen, { nul: o.has('z'), all, ignored: o.has('ignored'), relative: !o.has('porcelain') }));
	} else io.stdout(await longStatus(repo, seen, { colour: io.stdoutIsTerminal, ignored: o.has('ignored'), all }));
	return 0;
}
