/** git branch and tag. */
import git from 'isomorphic-git';
import { cleanMessage, editText, subject } from './commit.ts';
import { editConfig, removeSection } from './config-file.ts';
import { GitError } from './errors.ts';
import { type Options, parseOptions } from './options.ts';
import { shortId } from './patch.ts';
import { type Repository, zoneText } from './repository.ts';
import { aheadBehind, commitOf, fullRef, previousBranch, reachable, tryCommit, tryObject, upstream } from './revisions.ts';

/** git-check-ref-format(1). */
export async function checkBranchName(_repo: Repository, name: string): Promise<void> {
	if (
		name === '' ||
		name.startsWith('-') ||
		name.startsWith('/') ||
		/[\0-\x20~^:?*[\\\x7f]|\.\.|@\{|\/\/|\.lock(\/|$)|\/$|\.$|(^|\/)\./.test(name) ||
		name === '@' ||
		name === 'HEAD'
	)
		throw new GitError(`fatal: '${name}' is not a valid branch name`, 128);
}

export async function createBranch(repo: Repository, name: string, oid: string, from: string): Promise<void> {
	await repo.setRef(`refs/heads/${name}`, oid, `branch: Created from ${from}`);
}

export async function saveConfig(repo: Repository, key: string, value: string | undefined, add = false): Promise<void> {
	await repo.write('config', editConfig((await repo.read('config')) ?? '', key, value, add).text);
	repo.forgetConfig();
}

/** Lets a branch follow another; what git says of it. */
export async function trackBranch(repo: Repository, name: string, ref: string): Promise<string> {
	const remote = ref.startsWith('refs/remotes/') ? (ref.split('/')[2] ?? '') : '.';
	const merge = remote === '.' ? ref : `refs/heads/${ref.split('/').slice(3).join('/')}`;
	await saveConfig(repo, `branch.${name}.remote`, remote);
	await saveConfig(repo, `branch.${name}.merge`, merge);
	return `branch '${name}' set up to track '${ref.replace(/^refs\/(remotes|heads)\//, '')}'.\n`;
}

async function list(repo: Repository, o: Options): Promise<number> {
	const current = await repo.branch();
	const head = await repo.head();
	const colour = repo.c.io.stdoutIsTerminal;
	const refs = [...(o.has('r', 'remotes') ? [] : await repo.refs('refs/heads')), ...(o.has('r', 'remotes', 'a', 'all') ? await repo.refs('refs/remotes') : [])];
	const rows: { mark: string; name: string; oid: string; code: string; arrow?: string }[] = [];
	if (current === undefined && head !== undefined && !o.has('r', 'remotes'))
		rows.push({ mark: '*', name: `(HEAD detached at ${shortId(head)})`, oid: head, code: '32' });
	for (const ref of refs) {
		const oid = await repo.ref(ref);
		if (oid === undefined) continue;
		const local = ref.startsWith('refs/heads/');
		const shown = local ? ref.slice(11) : o.has('a', 'all') ? ref.slice(5) : ref.slice(13);
		const isCurrent = local && ref.slice(11) === current;
		const arrow = !local && ref.endsWith('/HEAD') ? /ref: refs\/remotes\/(\S+)/.exec((await repo.read(ref)) ?? '')?.[1] : undefined;
		rows.push({ mark: isCurrent ? '*' : ' ', name: shown, oid, code: isCurrent ? '32' : local ? '' : '31', ...(arrow === undefined ? {} : { arrow }) });
	}
	const within = async (flag: 'merged' | 'no-merged' | 'contains', oid: string): Promise<boolean> => {
		if (!o.has(flag)) return true;
		const given = o.get(flag);
		const target = (await commitOf(repo, given === undefined || given === '' ? (o.operands[0] ?? 'HEAD') : given)).oid;
		return flag === 'contains' ? (await reachable(repo, [oid])).has(target) : (await reachable(repo, [target])).has(oid) === (flag === 'merged');
	};
	const patterns = o.has('l', 'list') ? o.operands : [];
	const wide = Math.max(0, ...rows.map((r) => r.name.length));
	for (const r of rows) {
		if (
			patterns.length > 0 &&
			!patterns.some((p) =>
				new RegExp(
					`^${p
						.replace(/[.+^${}()|[\]\\]/g, '\\$&')
						.replace(/\*/g, '.*')
						.replace(/\?/g, '.')}$`,
				).test(r.name),
			)
		)
			continue;
		if (!(await within('merged', r.oid)) || !(await within('no-merged', r.oid)) || !(await within('contains', r.oid))) continue;
		const paint = (t: string): string => (colour && r.code !== '' ? `\x1b[${r.code}m${t}\x1b[m` : t);
		if (r.arrow !== undefined) {
			repo.c.io.stdout(`${r.mark} ${paint(r.name)} -> ${r.arrow}\n`);
			continue;
		}
		if (!o.has('v', 'vv', 'verbose')) {
			repo.c.io.stdout(`${r.mark} ${paint(r.name)}\n`);
			continue;
		}
		const up = r.name.startsWith('remotes/') ? undefined : await upstream(repo, r.name);
		const other = up === undefined ? undefined : await repo.ref(up.ref);
		let note = '';
		if (up !== undefined) {
			const [ahead, behind] = other === undefined ? [0, 0] : await aheadBehind(repo, r.oid, other);
			const parts = other === undefined ? ['gone'] : [ahead > 0 ? `ahead ${ahead}` : '', behind > 0 ? `behind ${behind}` : ''].filter((p) => p !== '');
			const far = parts.join(', ');
			const name = up.ref.replace(/^refs\/(remotes|heads)\//, '');
			if (o.all('v', 'verbose').length > 1) note = `[${name}${far === '' ? '' : `: ${far}`}] `;
			else if (far !== '') note = `[${far}] `;
		}
		repo.c.io.stdout(`${r.mark} ${paint(r.name.padEnd(wide))} ${shortId(r.oid)} ${note}${subject((await repo.commit(r.oid)).message)}\n`);
	}
	return 0;
}

async function remove(repo: Repository, o: Options): Promise<number> {
	let status = 0;
	const remote = o.has('r', 'remotes');
	for (const given of o.operands) {
		const name = given === '-' ? ((await previousBranch(repo)) ?? '-') : given;
		const ref = remote ? `refs/remotes/${name}` : `refs/heads/${name}`;
		const oid = await repo.ref(ref);
		const complain = (text: string): void => {
			repo.c.io.stderr(`${text}\n`);
			status = 1;
		};
		if (oid === undefined) {
			complain(`error: ${remote ? 'remote-tracking branch' : 'branch'} '${name}' not found.`);
			continue;
		}
		if (!remote && (await repo.branch()) === name) {
			complain(`error: Cannot delete branch '${name}' checked out at '${repo.tree}'`);
			continue;
		}
		const up = remote ? undefined : await upstream(repo, name);
		const against = (up === undefined ? undefined : await repo.ref(up.ref)) ?? (await repo.head());
		if (!remote && !o.has('D') && !o.has('f', 'force') && against !== undefined && !(await reachable(repo, [against])).has(oid)) {
			complain(`error: The branch '${name}' is not fully merged.\nIf you are sure you want to delete it, run 'git branch -D ${name}'.`);
			continue;
		}
		await repo.deleteRef(ref);
		await repo.write('config', removeSection((await repo.read('config')) ?? '', `branch.${name}`));
		repo.forgetConfig();
		if (!o.has('q', 'quiet')) repo.c.io.stdout(`Deleted ${remote ? 'remote-tracking ' : ''}branch ${name} (was ${shortId(oid)}).\n`);
	}
	return status;
}

async function rename(repo: Repository, o: Options, force: boolean, copy: boolean): Promise<number> {
	const current = await repo.branch();
	const [from, to] = o.operands.length > 1 ? [o.operands[0], o.operands[1]] : [current, o.operands[0]];
	if (to === undefined || from === undefined) throw new GitError('fatal: branch name required', 128);
	await checkBranchName(repo, to);
	const oid = await repo.ref(`refs/heads/${from}`);
	if (oid === undefined && from !== current) throw new GitError(`fatal: No branch named '${from}'.`, 128);
	if (!force && from !== to && (await repo.ref(`refs/heads/${to}`)) !== undefined) throw new GitError(`fatal: a branch named '${to}' already exists`, 128);
	if (oid !== undefined && from !== to) {
		const why = `Branch: ${copy ? 'copied' : 'renamed'} refs/heads/${from} to refs/heads/${to}`;
		await repo.setRef(`refs/heads/${to}`, oid, why);
		if (!copy) await repo.deleteRef(`refs/heads/${from}`);
	}
	if (copy) return 0;
	if (from === current) await repo.write('HEAD', `ref: refs/heads/${to}\n`);
	await repo.write('config', ((await repo.read('config')) ?? '').replace(`[branch "${from}"]`, `[branch "${to}"]`));
	repo.forgetConfig();
	return 0;
}

export async function branch(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, {
		flags: 'a all r remotes v verbose d delete D m move M c copy C l list f force q quiet show-current unset-upstream t track no-track no-color',
		valued: 'u set-upstream-to format',
		optional: 'merged no-merged contains color track sort',
	});
	const { io } = repo.c;
	if (o.has('show-current')) {
		const name = await repo.branch();
		if (name !== undefined) io.stdout(`${name}\n`);
		return 0;
	}
	if (o.has('d', 'delete', 'D')) return remove(repo, o);
	if (o.has('m', 'move', 'M', 'c', 'copy', 'C')) return rename(repo, o, o.has('M', 'C', 'f', 'force'), o.has('c', 'copy', 'C'));
	const up = o.get('u', 'set-upstream-to');
	if (up !== undefined || o.has('unset-upstream')) {
		const name = o.operands[0] ?? (await repo.branch()) ?? '';
		if (up === undefined) {
			if ((await upstream(repo, name)) === undefined) throw new GitError(`fatal: Branch '${name}' has no upstream information`, 128);
			await saveConfig(repo, `branch.${name}.remote`, undefined);
			await saveConfig(repo, `branch.${name}.merge`, undefined);
			return 0;
		}
		const ref = await fullRef(repo, up);
		if (ref === undefined || !/^refs\/(heads|remotes)\//.test(ref)) throw new GitError(`fatal: the requested upstream branch '${up}' does not exist`, 128);
		io.stdout(await trackBranch(repo, name, ref));
		return 0;
	}
	const [name, start = 'HEAD'] = o.operands;
	if (name === undefined || o.has('l', 'list', 'a', 'all', 'r', 'remotes', 'merged', 'no-merged', 'contains')) return list(repo, o);
	await checkBranchName(repo, name);
	if (!o.has('f', 'force') && (await repo.ref(`refs/heads/${name}`)) !== undefined) throw new GitError(`fatal: a branch named '${name}' already exists`, 128);
	if (o.has('f', 'force') && (await repo.branch()) === name)
		throw new GitError(`fatal: cannot force update the branch '${name}' checked out at '${repo.tree}'`, 128);
	await createBranch(
		repo,
		name,
		(await commitOf(repo, start, start === 'HEAD' ? `fatal: not a valid object name: '${await repo.branch()}'` : `fatal: not a valid object name: '${start}'`))
			.oid,
		start,
	);
	const ref = await fullRef(repo, start);
	if (!o.has('no-track') && ref?.startsWith('refs/remotes/')) io.stdout(await trackBranch(repo, name, ref));
	return 0;
}

export async function tag(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'a annotate d delete l list f force s', valued: 'm message F', optional: 'n contains sort points-at' });
	const { io } = repo.c;
	const [name, target = 'HEAD'] = o.operands;
	if (o.has('d', 'delete')) {
		let status = 0;
		for (const t of o.operands) {
			const oid = await repo.ref(`refs/tags/${t}`);
			if (oid === undefined) {
				io.stderr(`error: tag '${t}' not found.\n`);
				status = 1;
				continue;
			}
			await repo.deleteRef(`refs/tags/${t}`);
			io.stdout(`Deleted tag '${t}' (was ${shortId(oid)})\n`);
		}
		return status;
	}
	if (name === undefined || o.has('l', 'list', 'n')) {
		for (const ref of await repo.refs('refs/tags')) {
			const t = ref.slice(10);
			if (
				o.operands.length > 0 &&
				!o.operands.some((p) =>
					new RegExp(
						`^${p
							.replace(/[.+^${}()|[\]\\]/g, '\\$&')
							.replace(/\*/g, '.*')
							.replace(/\?/g, '.')}$`,
					).test(t),
				)
			)
				continue;
			if (!o.has('n')) io.stdout(`${t}\n`);
			else {
				const oid = (await repo.ref(ref)) ?? '';
				const { type } = await git.readObject({ ...repo.at, oid, format: 'content' });
				const message = type === 'tag' ? (await git.readTag({ ...repo.at, oid })).tag.message : type === 'commit' ? (await repo.commit(oid)).message : '';
				io.stdout(`${t.padEnd(15)} ${subject(message)}\n`);
			}
		}
		return 0;
	}
	const ref = `refs/tags/${name}`;
	if (/[\0-\x20~^:?*[\\\x7f]|\.\.|^-|\/$/.test(name)) throw new GitError(`fatal: '${name}' is not a valid tag name.`, 128);
	const old = await repo.ref(ref);
	if (old !== undefined && !o.has('f', 'force')) throw new GitError(`fatal: tag '${name}' already exists`, 128);
	const oid = await tryObject(repo, target);
	if (oid === undefined) throw new GitError(`fatal: Failed to resolve '${target}' as a valid ref.`, 128);
	let value = oid;
	if (o.has('a', 'annotate', 'm', 'message', 'F', 's')) {
		const given = o.has('m', 'message')
			? o.all('m', 'message').join('\n\n')
			: await editText(repo, 'TAG_EDITMSG', `\n#\n# Write a message for tag:\n#   ${name}\n# Lines starting with '#' will be ignored.\n`);
		const message = cleanMessage(given, !o.has('m', 'message'));
		if (message === '') throw new GitError('fatal: no tag message?', 128);
		const { name: who, email, time, zone } = await repo.person('COMMITTER');
		const type = (await tryCommit(repo, oid)) === oid ? 'commit' : 'tag';
		const body = `object ${oid}\ntype ${type}\ntag ${name}\ntagger ${who} <${email}> ${time} ${zoneText(zone)}\n\n${message}`;
		value = await git.writeObject({ ...repo.at, type: 'tag', object: Buffer.from(body), format: 'content' });
	}
	await git.writeRef({ ...repo.at, ref, value, force: true });
	if (old !== undefined && old !== value) io.stdout(`Updated tag '${name}' (was ${shortId(old)})\n`);
	return 0;
}
