/** git show: one object of any kind. */
import git from 'isomorphic-git';
import { textFromBytes } from '../../bytes.ts';
import { changesIn, showChanges } from './changes.ts';
import { dateText } from './commit.ts';
import { GitError } from './errors.ts';
import { LOG } from './log.ts';
import { parseOptions } from './options.ts';
import { coloured, plain } from './patch.ts';
import { decorations, formatCommit, lookOf } from './pretty.ts';
import type { Repository } from './repository.ts';
import { splitArguments, tryObject } from './revisions.ts';
import { matcher } from './worktree.ts';

/** Prints each object named, HEAD where none is; a tag with what it points to. */
export async function show(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, LOG);
	const { revisions, paths } = await splitArguments(repo, o.words);
	const { io } = repo.c;
	const paint = io.stdoutIsTerminal && !o.has('no-color') ? coloured : plain;
	const look = lookOf(repo, o, io.stdoutIsTerminal || o.has('decorate') ? await decorations(repo) : undefined, paint === coloured);
	for (const name of revisions.length === 0 ? ['HEAD'] : revisions) {
		let oid = await tryObject(repo, name);
		if (oid === undefined)
			throw new GitError(
				`fatal: ambiguous argument '${name}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'`,
				128,
			);
		let object = await git.readObject({ ...repo.at, oid, format: 'content' });
		while (object.type === 'tag') {
			const text = textFromBytes(object.object as Uint8Array);
			const [head = '', ...rest] = text.split('\n\n');
			const tagger = /^tagger (.*) <(.*)> (\d+) ([-+]\d{4})$/m.exec(head);
			const when = tagger === null ? '' : dateText({ name: '', email: '', time: Number(tagger[3]), zone: (Number(tagger[4]?.slice(0, 3)) || 0) * 60 });
			io.stdout(
				`${paint('commit', `tag ${/^tag (.*)$/m.exec(head)?.[1]}`)}\nTagger: ${tagger?.[1]} <${tagger?.[2]}>\nDate:   ${when}\n\n${rest.join('\n\n')}\n`,
			);
			oid = /^object (\w+)/.exec(head)?.[1] ?? oid;
			object = await git.readObject({ ...repo.at, oid, format: 'content' });
		}
		if (object.type === 'blob') {
			io.stdout(textFromBytes(object.object as Uint8Array));
			continue;
		}
		if (object.type === 'tree') {
			const { tree } = await git.readTree({ ...repo.at, oid });
			io.stdout(`tree ${name}\n\n${tree.map((e) => `${e.path}${e.type === 'tree' ? '/' : ''}\n`).join('')}`);
			continue;
		}
		const c = await repo.commit(oid);
		const text = formatCommit(c, look);
		io.stdout(`${text.replace(/\n$/, '')}\n`);
		if (o.has('s', 'no-patch')) continue;
		if (c.parents.length > 1) {
			if (look.format !== 'oneline') io.stdout('\n');
			continue;
		}
		const changes = await showChanges(repo, await changesIn(repo, c, matcher(repo, paths)), o, paint);
		if (changes !== '') io.stdout(look.format === 'oneline' ? changes : `\n${changes}`);
	}
	return 0;
}
