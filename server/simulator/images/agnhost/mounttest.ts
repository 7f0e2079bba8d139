/** `agnhost mounttest`: writes files of given modes and prints file system, owner, mode and content of others. Models test/images/agnhost/mounttest. */
import type { FileError, FileStat, Process, Program } from '../program.ts';
import { flag } from './flags.ts';

interface Data {
	/** `--file_content_in_loop`: its path, until when it is tried (virtual ms), and whether one reading is enough. */
	readonly path: string;
	readonly until: number;
	readonly once: boolean;
	readonly failed: boolean;
}

const INITIAL = 'mount-tester new file\n';
const RETRY_MS = 2000;
const WORDS: { readonly [error in FileError]?: string } = {
	ENOENT: 'no such file or directory',
	EACCES: 'permission denied',
	EISDIR: 'is a directory',
	ENOTDIR: 'not a directory',
	EROFS: 'read-only file system',
};
const why = (error: FileError): string => WORDS[error] ?? error;
const quoted = (text: string): string => JSON.stringify(text);

/** Go's FileMode.String: `d` and the like first, then the nine permission bits behind a dash of their own where nothing stands. */
export function goMode(stat: Pick<FileStat, 'kind' | 'mode'>, permissionsOnly = false): string {
	const bits = [...'rwxrwxrwx'].map((letter, i) => ((stat.mode >> (8 - i)) & 1 ? letter : '-')).join('');
	if (permissionsOnly) return `-${bits}`;
	const kinds = `${stat.kind === 'directory' ? 'd' : stat.kind === 'symlink' ? 'L' : ''}${stat.mode & 0o4000 ? 'u' : ''}${stat.mode & 0o2000 ? 'g' : ''}${stat.mode & 0o1000 ? 't' : ''}`;
	return `${kinds === '' ? '-' : kinds}${bits}`;
}

/** The file system that holds a path, by /proc/mounts; others than tmpfs by their magic number in decimal, as the real one prints them. */
function fileSystem(process: Process<Data>, path: string): string {
	const mounts = process.fs.read('/proc/mounts');
	const under = (mount: string): boolean => mount === '/' || path === mount || path.startsWith(`${mount}/`);
	const found = (mounts.ok ? mounts.value.split('\n') : [])
		.map((line) => line.split(' '))
		.filter(([, at]) => at !== undefined && under(at))
		.sort((a, b) => (b[1] ?? '').length - (a[1] ?? '').length)[0];
	const type = found?.[2] ?? 'overlay';
	return type === 'tmpfs' ? type : type === 'ext4' ? '61267' : '2035054128';
}

function printContent(process: Process<Data>, path: string): boolean {
	const file = process.fs.read(path);
	process.stdout(
		file.ok ? `content of file ${quoted(path)}: ${file.value}\n` : `error reading file content for ${quoted(path)}: open ${path}: ${why(file.error)}\n`,
	);
	return file.ok;
}

function writeNew(process: Process<Data>, path: string, mode: number): boolean {
	const written = process.fs.write(path, INITIAL, { mode });
	if (written.ok) return printContent(process, path);
	process.stdout(`error writing new file ${quoted(path)}: open ${path}: ${why(written.error)}\n`);
	return false;
}

function printStat(process: Process<Data>, path: string, call: string, say: (stat: FileStat) => string): boolean {
	const stat = process.fs.stat(path);
	process.stdout(stat.ok ? say(stat.value) : `error from ${call}(${quoted(path)}): ${call === 'Stat' ? `stat ${path}: ` : ''}${why(stat.error)}\n`);
	return stat.ok;
}

/** What each flag does, in the order in which it is done. */
const STEPS: readonly (readonly [string, (process: Process<Data>, path: string) => boolean])[] = [
	['fs_type', (p, path) => printStat(p, path, 'statfs', () => `mount type of ${quoted(path)}: ${fileSystem(p, path)}\n`)],
	['new_file_0644', (p, path) => writeNew(p, path, 0o644)],
	['new_file_0666', (p, path) => writeNew(p, path, 0o666)],
	['new_file_0660', (p, path) => writeNew(p, path, 0o660)],
	['new_file_0777', (p, path) => writeNew(p, path, 0o777)],
	['file_mode', (p, path) => printStat(p, path, 'Stat', (s) => `mode of file ${quoted(path)}: ${goMode(s)}\n`)],
	['file_perm', (p, path) => printStat(p, path, 'Stat', (s) => `perms of file ${quoted(path)}: ${goMode(s, true)}\n`)],
	['file_owner', (p, path) => printStat(p, path, 'stat', (s) => `owner UID of ${quoted(path)}: ${s.uid}\nowner GID of ${quoted(path)}: ${s.gid}\n`)],
	['file_content', printContent],
];

function loop(process: Process<Data>): void {
	const { path, until, once, failed } = process.data;
	const file = process.fs.read(path);
	if (!file.ok) process.stdout(`Error reading file ${path}: open ${path}: ${why(file.error)}, retrying\n`);
	else {
		process.stdout(`content of file ${quoted(path)}: ${file.value}\n`);
		if (once && file.value === INITIAL) {
			process.exit(failed ? 1 : 0);
			return;
		}
		if (once) process.stdout(`Unexpected content. Expected: ${INITIAL}. Retrying`);
	}
	if (process.now + RETRY_MS < until) process.timer(RETRY_MS, 'again');
	else process.exit(failed || !file.ok ? 1 : 0);
}

export const mounttest: Program<Data> = {
	name: 'mounttest',
	start(process) {
		let failed = false;
		for (const [name, step] of STEPS) {
			const path = flag(process.argv, name, '');
			if (path !== '' && !step(process, path)) failed = true;
		}
		const path = flag(process.argv, 'file_content_in_loop', '');
		if (path === '') return process.exit(failed ? 1 : 0);
		const until = process.now + Number(flag(process.argv, 'retry_time', '180')) * 1000;
		process.data = { path, until, once: flag(process.argv, 'break_on_expected_content', 'true') !== 'false', failed };
		loop(process);
	},
	onTimer: loop,
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(2);
	},
};
