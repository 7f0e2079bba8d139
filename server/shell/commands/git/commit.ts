/** git commit, and what every commit's making shares: message, author, the summary it ends with. */
import { GitError } from './errors.ts';
import type { Index } from './index-file.ts';
import { parseOptions } from './options.ts';
import { compare, contentOf, count, shortId, shortStat, summary, withRenames } from './patch.ts';
import { type Commit, parseDate, type Person, type Repository } from './repository.ts';
import { commitOf } from './revisions.ts';
import { stage } from './staging.ts';
import { longStatus, statusOf } from './status.ts';
import { matcher } from './worktree.ts';

/** Without comments, blanks at the ends of lines and blank lines at both ends; runs of blank lines become one. */
export function cleanMessage(text: string, comments: boolean): string {
	const lines = text.split('\n').filter((l) => !comments || !l.startsWith('#'));
	const body = lines
		.map((l) => l.trimEnd())
		.join('\n')
		.replace(/\n{3,}/g, '\n\n')
		.replace(/^\n+|\n+$/g, '');
	return body === '' ? '' : `${body}\n`;
}

/** Lets the learner edit a text in the editor that GIT_EDITOR, core.editor, VISUAL or EDITOR names. */
export async function editText(repo: Repository, name: string, text: string): Promise<string> {
	const { env } = repo.c;
	const editor = env['GIT_EDITOR'] ?? (await repo.config()).get('core.editor') ?? env['VISUAL'] ?? env['EDITOR'] ?? 'vi';
	await repo.write(name, text);
	const path = `${repo.gitdir}/${name}`;
	const [program = 'vi', ...args] = editor.trim().split(/\s+/);
	const failed = new GitError(`error: There was a problem with the editor '${editor}'.\nPlease supply the message using either -m or -F option.`, 1);
	if (program === 'true' || program === ':') return text;
	if (program === 'code' || program === 'edit') {
		if (!(await repo.c.edit(path, true))) throw failed;
	} else if ((await repo.c.spawn(program, [...args, path])) !== 0) throw failed;
	return (await repo.read(name)) ?? '';
}

/** What a commit prints: branch, short id, subject, statistics. */
export async function commitSummary(repo: Repository, commit: Commit, options: { readonly date?: boolean; readonly amended?: boolean } = {}): Promise<string> {
	const parent = commit.parents[0];
	const branch = (await repo.branch()) ?? 'detached HEAD';
	const content = contentOf(repo);
	const changes = await withRenames(
		compare(await repo.files(parent === undefined ? undefined : (await repo.commit(parent)).tree), await repo.files(commit.tree)),
		content,
	);
	let out = `[${branch}${parent === undefined && !options.amended ? ' (root-commit)' : ''} ${shortId(commit.oid)}] ${subject(commit.message)}\n`;
	const { author, committer } = commit;
	if (author.name !== committer.name || author.email !== committer.email) out += ` Author: ${author.name} <${author.email}>\n`;
	if (options.date) out += ` Date: ${dateText(author)}\n`;
	if (commit.parents.length > 1) return out;
	return out + shortStat(await count(changes, content)) + summary(changes);
}

export const subject = (message: string): string => message.split(/\n\n/)[0]?.replace(/\n+$/, '').replaceAll('\n', ' ') ?? '';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Thu Jan 1 00:00:00 2026 +0000`, or as `--date` asks. */
export function dateText(p: Person, format = 'default', now = 0): string {
	const d = new Date((p.time + p.zone * 60) * 1000);
	const two = (n: number): string => String(n).padStart(2, '0');
	const zone = `${p.zone < 0 ? '-' : '+'}${two(Math.floor(Math.abs(p.zone) / 60))}${two(Math.abs(p.zone) % 60)}`;
	const clock = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
	const day = d.toISOString().slice(0, 10);
	switch (format) {
		case 'short':
			return day;
		case 'iso':
		case 'iso8601':
			return `${day} ${clock} ${zone}`;
		case 'iso-strict':
			return `${day}T${clock}${p.zone === 0 ? '+00:00' : `${zone.slice(0, 3)}:${zone.slice(3)}`}`;
		case 'rfc':
			return `${DAYS[d.getUTCDay()]}, ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()} ${clock} ${zone}`;
		case 'unix':
			return String(p.time);
		case 'raw':
			return `${p.time} ${zone}`;
		case 'relative':
			return ago(Math.max(0, now - p.time));
		default:
			return `${DAYS[d.getUTCDay()]} ${MONTHS[d.getUTCMonth()]} ${d.getUTCDate()} ${clock} ${d.getUTCFullYear()} ${zone}`;
	}
}

/** `show_date_relative` of git's date.c. */
function ago(seconds: number): string {
	const words = (n: number, unit: string): string => `${n} ${unit}${n === 1 ? '' : 's'} ago`;
	if (seconds < 90) return words(seconds, 'second');
	const minutes = Math.floor((seconds + 30) / 60);
	if (minutes < 90) return words(minutes, 'minute');
	const hours = Math.floor((minutes + 30) / 60);
	if (hours < 36) return words(hours, 'hour');
	const days = Math.floor((hours + 12) / 24);
	if (days < 14) return words(days, 'day');
	if (days < 70) return words(Math.floor((days + 3) / 7), 'week');
	if (days < 365) return words(Math.floor((days + 15) / 30), 'month');
	return words(Math.floor((days + 183) / 365), 'year');
}

/** The author that `--author` and `--date` name, over the one there would be. */
function givenAuthor(author: Person, name: string | undefined, date: string | undefined, now: number): Person {
	const who = name === undefined ? null : /^(.*?)\s*<(.*)>$/.exec(name);
	if (name !== undefined && who === null) throw new GitError(`fatal: --author '${name}' is not 'Name <email>' and matches no existing author`, 128);
	const when = date === undefined ? undefined : parseDate(date, now);
	if (date !== undefined && when === undefined) throw new GitError(`fatal: invalid date format: ${date}`, 128);
	return { ...author, ...(who === null ? {} : { name: who[1] ?? '', email: who[2] ?? '' }), ...when };
}

const TEMPLATE = `
# Please enter the commit message for your changes. Lines starting
# with '#' will be ignored, and an empty message aborts the commit.
#
`;

/** Refuses to go on while paths are in conflict. */
export function refuseConflicts(repo: Repository, index: Index, doing: string): void {
	if (index.conflicts.size === 0) return;
	for (const path of [...index.conflicts.keys()].sort()) repo.c.io.stdout(`U\t${path}\n`);
	throw new GitError(
		`error: ${doing} is not possible because you have unmerged files.\nhint: Fix them up in the work tree, and then use 'git add/rm <file>'\nhint: as appropriate to mark resolution and make a commit.\nfatal: Exiting because of an unresolved conflict.`,
		128,
	);
}

export async function commit(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, {
		flags: 'a all amend no-edit e edit q quiet allow-empty allow-empty-message s signoff v verbose no-verify n reset-author',
		valued: 'm message F file author date C c reuse-message cleanup',
		optional: 'S gpg-sign',
	});
	const head = await repo.head();
	const last = head === undefined ? undefined : await repo.commit(head);
	if (o.has('amend') && last === undefined) throw new GitError('fatal: You have nothing to amend.', 128);
	const mergeHead = (await repo.read('MERGE_HEAD'))?.trim();
	if (o.has('amend') && mergeHead !== undefined) throw new GitError('fatal: You are in the middle of a merge -- cannot amend.', 128);
	if (o.has('a', 'all')) await stage(repo, { tracked: true, paths: [] });
	else if (o.operands.length > 0) {
		const known = (await repo.index()).entries;
		for (const p of o.operands) {
			const wanted = matcher(repo, [p]);
			if (![...known.keys()].some(wanted)) throw new GitError(`error: pathspec '${p}' did not match any file(s) known to git`, 1);
		}
		await stage(repo, { tracked: true, paths: o.operands });
	}
	const index = await repo.index();
	refuseConflicts(repo, index, 'Committing');
	// Paths named are committed alone; what else is staged stays so.
	let files = new Map<string, { oid: string; mode: number }>([...index.entries]);
	if (o.operands.length > 0) {
		const wanted = matcher(repo, o.operands);
		files = new Map([...(await repo.files(last?.tree))].filter(([p]) => !wanted(p)));
		for (const [p, b] of index.entries) if (wanted(p)) files.set(p, b);
	}
	const tree = await repo.writeTree(files);
	const picked = (await repo.read('CHERRY_PICK_HEAD'))?.trim();
	const before = o.has('amend') ? (last?.parents[0] === undefined ? undefined : (await repo.commit(last.parents[0])).tree) : last?.tree;
	const nothing = before === undefined ? files.size === 0 : tree === before;
	if (nothing && mergeHead === undefined && !o.has('allow-empty') && !(o.has('amend') && (last?.parents.length ?? 0) !== 1)) {
		if (o.has('amend'))
			throw new GitError(
				`${await longStatus(repo, await statusOf(repo), { committing: true })}You asked to amend the most recent commit, but doing so would make\nit empty. You can repeat your command with --allow-empty, or you can\nremove the commit entirely with "git reset HEAD^".`,
				1,
			);
		repo.c.io.stdout(await longStatus(repo, await statusOf(repo), { committing: true }));
		return 1;
	}
	const message = await messageFor(repo, o, last);
	if (message === '' && !o.has('allow-empty-message')) throw new GitError('Aborting commit due to empty commit message.', 1);
	const reused = o.get('C', 'reuse-message') ?? picked;
	const original = o.has('amend') && !o.has('reset-author') ? last?.author : reused === undefined ? undefined : (await commitOf(repo, reused)).author;
	const author = givenAuthor(original ?? (await repo.person('AUTHOR')), o.get('author'), o.get('date'), repo.c.clock.now());
	const committer = await repo.person('COMMITTER');
	const parents = o.has('amend') ? (last?.parents ?? []) : [...(head === undefined ? [] : [head]), ...(mergeHead === undefined ? [] : mergeHead.split('\n'))];
	const made: Omit<Commit, 'oid'> = { tree, parents, author, committer, message };
	const oid = await repo.writeCommit(made);
	const how = o.has('amend')
		? ' (amend)'
		: mergeHead !== undefined
			? ' (merge)'
			: picked !== undefined
				? ' (cherry-pick)'
				: head === undefined
					? ' (initial)'
					: '';
	await repo.moveHead(oid, `commit${how}: ${subject(message)}`);
	await repo.remove('MERGE_HEAD', 'MERGE_MSG', 'MERGE_MODE', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'SQUASH_MSG');
	await repo.write('COMMIT_EDITMSG', message);
	if (!o.has('q', 'quiet'))
		repo.c.io.stdout(await commitSummary(repo, { ...made, oid }, { date: original !== undefined || o.has('date'), amended: o.has('amend') }));
	return 0;
}

async function messageFor(repo: Repository, o: ReturnType<typeof parseOptions>, last: Commit | undefined): Promise<string> {
	let text: string | undefined;
	const file = o.get('F', 'file');
	const reuse = o.get('C', 'reuse-message');
	if (o.has('m', 'message')) text = o.all('m', 'message').join('\n\n');
	else if (file !== undefined)
		text =
			file === '-'
				? await readInput(repo)
				: await repo.disk.readFile(repo.disk.resolvePath(repo.c.cwd, file)).catch(() => {
						throw new GitError(`fatal: could not read log file '${file}': No such file or directory`, 128);
					});
	else if (reuse !== undefined) text = (await commitOf(repo, reuse)).message;
	const prepared = (await repo.read('MERGE_MSG')) ?? (await repo.read('SQUASH_MSG'));
	if (text === undefined && o.has('no-edit')) text = o.has('amend') ? last?.message : prepared;
	if (text !== undefined && !o.has('e', 'edit')) return signed(repo, o.has('s', 'signoff'), cleanMessage(text, false));
	const comments = (await longStatus(repo, await statusOf(repo), { committing: true }))
		.replace(/\n$/, '')
		.split('\n')
		.map((l) => (l === '' ? '#' : l.startsWith('\t') ? `#${l}` : `# ${l}`))
		.join('\n');
	const start = text ?? (o.has('amend') ? last?.message : prepared) ?? '';
	return signed(repo, o.has('s', 'signoff'), cleanMessage(await editText(repo, 'COMMIT_EDITMSG', `${start}${TEMPLATE}${comments}\n#\n`), true));
}

async function readInput(repo: Repository): Promise<string> {
	let text = repo.c.io.stdin;
	if (text === '') for (let t = await repo.c.io.read(); t !== null; t = await repo.c.io.read()) text += t;
	return text;
}

async function signed(repo: Repository, wanted: boolean, message: string): Promise<string> {
	if (!wanted || message === '') return message;
	const { name, email } = await repo.person('COMMITTER');
	const line = `Signed-off-by: ${name} <${email}>\n`;
	return message.includes(line) ? message : `${message}${/^[\w-]+: .*\n$/m.test(message.split('\n').slice(-2).join('\n')) ? '' : '\n'}${line}`;
}
