/** tar: c, x and t, as busybox and GNU do them; -z packs, and what is packed is unpacked by itself. */
import { formatTime } from '../../kernel/time.ts';
import { utf8Length } from '../../storage-volumes/bytes.ts';
import { gunzipped, gzipped, isGzip } from './gzip.ts';
import { idName, modeText } from './paths.ts';
import { type Member, readTar, writeTar } from './tar-format.ts';
import { errorWords, readArgument, resolvePath, type Utility, type UtilityContext } from './utility.ts';

interface Asked {
	readonly mode: 'c' | 'x' | 't';
	readonly flags: ReadonlySet<string>;
	readonly file: string;
	readonly folder: string;
	readonly strip: number;
	readonly exclude: readonly string[];
	readonly names: readonly string[];
}

const LONG: { readonly [name: string]: string } = {
	create: 'c',
	extract: 'x',
	get: 'x',
	list: 't',
	file: 'f',
	directory: 'C',
	verbose: 'v',
	dereference: 'h',
	'to-stdout': 'O',
	gzip: 'z',
	touch: 'm',
	'preserve-permissions': 'p',
	'same-permissions': 'p',
	'keep-old-files': 'k',
	exclude: 'X',
	'strip-components': 'S',
	'no-same-owner': 'o',
	'no-same-permissions': 'n',
	'numeric-owner': 'N',
	overwrite: 'U',
};

/** Reads the options; a string is what is wrong with them. */
function asked(args: readonly string[]): Asked | string {
	const flags = new Set<string>();
	const values: { [letter: string]: string } = {};
	const exclude: string[] = [];
	const names: string[] = [];
	// The first word may leave its dash out; its values then follow in order.
	const words = args[0] !== undefined && !args[0].startsWith('-') ? [`-${args[0]}`, ...args.slice(1)] : [...args];
	const bundled = args[0] !== undefined && !args[0].startsWith('-');
	for (let i = 0; i < words.length; i++) {
		const word = words[i] ?? '';
		const take = (letter: string, value: string): void => {
			if (letter === 'X') exclude.push(value);
			else values[letter] = value;
		};
		if (word.startsWith('--') && word !== '--') {
			const [name = '', value] = word.slice(2).split(/=(.*)/s, 2);
			const letter = LONG[name];
			if (letter === undefined) return word;
			if ('fCXS'.includes(letter)) take(letter, value ?? words[++i] ?? '');
			else flags.add(letter);
		} else if (word.startsWith('-') && word !== '-') {
			for (let j = 1; j < word.length; j++) {
				const letter = word[j] ?? '';
				if ('fCXT'.includes(letter)) {
					const rest = i === 0 && bundled ? '' : word.slice(j + 1);
					take(letter, rest !== '' ? rest : (words[++i] ?? ''));
					if (rest !== '') break;
				} else if ('cxtvhOzmpkoajJPB'.includes(letter)) flags.add(letter);
				else return letter;
			}
		} else names.push(word);
	}
	const mode = (['c', 'x', 't'] as const).find((m) => flags.has(m));
	if (mode === undefined) return '';
	return { mode, flags, file: values['f'] ?? '-', folder: values['C'] ?? '', strip: Number(values['S'] ?? 0), exclude, names };
}

/** The members under a path, itself first; what cannot be read is told to `fail`. */
function gather(c: UtilityContext, cwd: string, path: string, follow: boolean, fail: (path: string, words: string) => void): readonly Member[] {
	const full = resolvePath(cwd, path);
	const stat = c.process.fs.stat(full, !follow);
	if (!stat.ok) {
		fail(path, errorWords(stat.error));
		return [];
	}
	const { kind, mode, uid, gid, mtime, target } = stat.value;
	const user = idName(c, '/etc/passwd', uid) ?? '';
	const group = idName(c, '/etc/group', gid) ?? '';
	const base = { name: path.replace(/\/+$/, '') || '/', mode, uid, gid, mtime: mtime / 1000, user, group };
	if (kind === 'symlink') return [{ ...base, kind, content: '', ...(target === undefined ? {} : { target }) }];
	if (kind === 'directory') {
		const listed = c.process.fs.list(full);
		if (!listed.ok) fail(path, errorWords(listed.error));
		const inner = (listed.ok ? listed.value : []).flatMap((n) => gather(c, cwd, `${base.name === '/' ? '' : base.name}/${n}`, follow, fail));
		return [{ ...base, kind, content: '' }, ...inner];
	}
	const content = c.process.fs.read(full);
	if (content.ok) return [{ ...base, kind, content: content.value }];
	fail(path, errorWords(content.error));
	return [];
}

const globbed = (pattern: string): RegExp =>
	new RegExp(
		`(^|/)${pattern
			.replace(/[.+^${}()|[\]\\]/g, '\\$&')
			.replaceAll('*', '.*')
			.replaceAll('?', '.')}(/|$)`,
	);

/** The name a member has in an archive: never absolute, never upwards. */
function stripped(name: string): string {
	const up = name.lastIndexOf('../');
	return (up < 0 ? name : name.slice(up + 3)).replace(/^\/+/, '');
}

function create(c: UtilityContext, a: Asked, cwd: string): number {
	let failed = false;
	const fail = (path: string, words: string): void => {
		failed = true;
		c.err(c.busybox ? `tar: ${path}: ${words}\n` : `tar: ${path}: Cannot ${words.startsWith('No such') ? 'stat' : 'open'}: ${words}\n`);
	};
	if (a.names.length === 0) {
		c.err(c.busybox ? 'tar: empty archive\n' : "tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.\n");
		return c.busybox ? 1 : 2;
	}
	let told = false;
	const members: Member[] = [];
	for (const path of a.names) {
		for (const m of gather(c, cwd, path, a.flags.has('h'), fail)) {
			const name = stripped(m.name);
			if (a.exclude.some((e) => globbed(e).test(m.name))) continue;
			if (name !== m.name && !told) {
				told = true;
				const prefix = m.name.slice(0, m.name.length - name.length);
				c.err(c.busybox ? `tar: removing leading '${prefix}' from member names\n` : `tar: Removing leading \`${prefix}' from member names\n`);
			}
			if (name === '') continue;
			members.push({ ...m, name });
			if (a.flags.has('v')) (a.file === '-' ? c.err : c.out)(`${name}${m.kind === 'directory' ? '/' : ''}\n`);
		}
	}
	const plain = writeTar(members);
	const text = a.flags.has('z') ? gzipped(plain) : plain;
	if (a.file === '-') c.out(text);
	else {
		const written = c.process.fs.write(resolvePath(c.cwd, a.file), text);
		if (!written.ok) {
			c.err(c.busybox ? `tar: can't open '${a.file}': ${errorWords(written.error)}\n` : `tar: ${a.file}: Cannot open: ${errorWords(written.error)}\n`);
			return c.busybox ? 1 : 2;
		}
	}
	if (!failed) return 0;
	c.err(c.busybox ? 'tar: error exit delayed from previous errors\n' : 'tar: Exiting with failure status due to previous errors\n');
	return c.busybox ? 1 : 2;
}

const listed = (m: Member): string => {
	const time = formatTime(m.mtime * 1000);
	const size = m.kind === 'file' ? String(utf8Length(m.content)) : '0';
	const stat = { ...m, size: m.content.length, mtime: m.mtime * 1000 };
	return `${modeText(stat)} ${m.user || m.uid}/${m.group || m.gid} ${size.padStart(9)} ${time.slice(0, 10)} ${time.slice(11, 19)} ${m.name}${m.kind === 'directory' ? '/' : ''}${m.target === undefined ? '' : ` -> ${m.target}`}`;
};

/** Puts one member into the files; gives what went wrong. */
function place(c: UtilityContext, path: string, m: Member, a: Asked): string | undefined {
	const { fs } = c.process;
	const parent = path.slice(0, path.lastIndexOf('/'));
	if (parent !== '') fs.mkdir(parent, { parents: true });
	const there = fs.stat(path, true);
	if (a.flags.has('k') && there.ok && there.value.kind !== 'directory') return undefined;
	if (m.kind === 'directory') {
		const made = there.ok && there.value.kind === 'directory' ? there : fs.mkdir(path, { parents: true });
		if (made.ok) fs.chmod(path, m.mode & 0o777);
		return made.ok ? undefined : errorWords(made.error);
	}
	if (m.kind === 'symlink') {
		if (there.ok) fs.remove(path);
		const made = fs.symlink(m.target ?? '', path);
		return made.ok ? undefined : errorWords(made.error);
	}
	const made = fs.write(path, m.content);
	if (!made.ok) return errorWords(made.error);
	fs.chmod(path, m.mode & 0o7777);
	if (c.process.uid === 0 && !a.flags.has('o')) fs.chown(path, m.uid, m.gid);
	return undefined;
}

function extract(c: UtilityContext, a: Asked, cwd: string): number {
	const given = a.file === '-' ? c.stdin() : readArgument(c, a.file);
	if (given === undefined) return c.busybox ? 1 : 2;
	const text = isGzip(given) ? gunzipped(given) : given;
	if (text === undefined) {
		c.err(
			c.busybox
				? 'tar: corrupted data\ntar: short read\n'
				: '\ngzip: stdin: unexpected end of file\ntar: Child returned status 1\ntar: Error is not recoverable: exiting now\n',
		);
		return c.busybox ? 1 : 2;
	}
	const { members, fault } = readTar(text);
	const wanted = (m: Member): boolean =>
		a.names.length === 0 || a.names.some((n) => m.name === n.replace(/\/+$/, '') || m.name.startsWith(`${n.replace(/\/+$/, '')}/`));
	let failed = false;
	for (const m of members) {
		if (!wanted(m) || a.exclude.some((e) => globbed(e).test(m.name))) continue;
		const shown = `${m.name}${m.kind === 'directory' ? '/' : ''}`;
		if (a.mode === 't') {
			c.out(`${a.flags.has('v') ? listed(m) : shown}\n`);
			continue;
		}
		const name = stripped(m.name).split('/').slice(a.strip).join('/');
		if (a.flags.has('v')) c.out(`${shown}\n`);
		if (name === '') continue;
		if (a.flags.has('O')) {
			c.out(m.content);
			continue;
		}
		const wrong = place(c, resolvePath(cwd, name), m, a);
		if (wrong === undefined) continue;
		c.err(c.busybox ? `tar: can't open '${name}': ${wrong}\n` : `tar: ${name}: Cannot open: ${wrong}\n`);
		failed = true;
		if (c.busybox) return 1;
	}
	const missing = a.names.find((n) => !members.some((m) => m.name === n.replace(/\/+$/, '') || m.name.startsWith(`${n.replace(/\/+$/, '')}/`)));
	if (fault !== undefined)
		c.err(c.busybox ? `tar: ${fault === 'magic' ? 'invalid tar magic' : 'short read'}\n` : 'tar: This does not look like a tar archive\n');
	else if (missing !== undefined) c.err(c.busybox ? `tar: ${missing}: not found in archive\n` : `tar: ${missing}: Not found in archive\n`);
	if (fault === undefined && missing === undefined && !failed) return 0;
	if (!c.busybox) c.err('tar: Exiting with failure status due to previous errors\n');
	return c.busybox ? 1 : 2;
}

export const tar: Utility = (c) => {
	const a = asked(c.args);
	if (typeof a === 'string') {
		if (a !== '')
			c.err(
				c.busybox
					? `tar: unrecognized option: ${a.replace(/^--/, '')}\n`
					: `tar: invalid option -- '${a}'\nTry 'tar --help' or 'tar --usage' for more information.\n`,
			);
		else if (!c.busybox)
			c.err("tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.\n");
		if (c.busybox) c.err('Usage: tar c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [-T FILE] [-X FILE] [LONGOPT]... [FILE]...\n');
		return c.busybox ? 1 : 2;
	}
	const cwd = a.folder === '' ? c.cwd : resolvePath(c.cwd, a.folder);
	const stat = c.process.fs.stat(cwd);
	if (!stat.ok || stat.value.kind !== 'directory') {
		const words = stat.ok ? 'Not a directory' : errorWords(stat.error);
		c.err(
			c.busybox
				? `tar: can't change directory to '${a.folder}': ${words}\n`
				: `tar: ${a.folder}: Cannot open: ${words}\ntar: Error is not recoverable: exiting now\n`,
		);
		return c.busybox ? 1 : 2;
	}
	return a.mode === 'c' ? create(c, a, cwd) : extract(c, a, cwd);
};
