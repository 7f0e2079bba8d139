/** `etcdutl`: looks into a snapshot, and lays it out as a data folder. It needs no server. */
import type { Process, Program } from '../../../images/program.ts';
import { absolute, bytesText, ERRNO, readSnapshot, stamp, type StoreState, VERSION } from './snapshot.ts';
import { asciiTable, type Line, parseLine } from './line.ts';

function opened(process: Process, path: string): StoreState | undefined {
	const file = process.fs.read(absolute(process.cwd, path));
	const state = file.ok ? readSnapshot(file.value) : undefined;
	if (state === undefined)
		process.stderr(`Error: ${file.ok ? 'snapshot file integrity check failed. Expected' : `stat ${path}: ${ERRNO[file.error] ?? file.error}`}\n`);
	return state;
}

function status(process: Process, { flags }: Line, path: string): number {
	const state = opened(process, path);
	if (state === undefined) return 1;
	const { hash, revision, keys, size } = state;
	if (flags['write-out'] === 'json') {
		process.stdout(`${JSON.stringify({ hash: Number.parseInt(hash, 16), revision, totalKey: keys, totalSize: size, version: '3.6.0' })}\n`);
		return 0;
	}
	const row = [hash, String(revision), String(keys), bytesText(size), '3.6.0'];
	const head = ['hash', 'revision', 'total keys', 'total size', 'storage version'];
	process.stdout(flags['write-out'] === 'table' ? asciiTable(head, [row]) : `${row.join(', ')}\n`);
	return 0;
}

function restore(process: Process, { flags }: Line, path: string): number {
	const state = opened(process, path);
	if (state === undefined) return 1;
	const folder = flags['data-dir'] ?? `${flags['name'] ?? 'default'}.etcd`;
	const at = absolute(process.cwd, folder);
	const there = process.fs.list(at);
	if (there.ok && there.value.length > 0) {
		process.stderr(`Error: data-dir "${folder}" not empty or could not be read\n`);
		return 1;
	}
	const say = (caller: string, msg: string, more: object): void => process.stderr(`${stamp(process.now)}\tinfo\t${caller}\t${msg}\t${JSON.stringify(more)}\n`);
	const places = { path, 'wal-dir': `${folder}/member/wal`, 'data-dir': folder, 'snap-dir': `${folder}/member/snap` };
	say('snapshot/v3_snapshot.go:305', 'restoring snapshot', { ...places, 'initial-memory-map-size': 10_737_418_240 });
	for (const [file, text] of [
		['member/snap/db', JSON.stringify(state)],
		['member/snap/0000000000000001-0000000000000001.snap', ''],
		['member/wal/0000000000000000-0000000000000000.wal', ''],
	] as const) {
		process.fs.mkdir(`${at}/${file}`.replace(/\/[^/]*$/, ''), { parents: true, mode: 0o700 });
		const written = process.fs.write(`${at}/${file}`, text, { mode: 0o600 });
		if (written.ok) continue;
		process.stderr(`Error: mkdir ${folder}: ${ERRNO[written.error] ?? written.error}\n`);
		return 1;
	}
	say('membership/cluster.go:424', 'added member', {
		'cluster-id': 'cdf818194e3a8c32',
		'local-member-id': '0',
		'added-peer-id': '8e9e05c52164694d',
		'added-peer-peer-urls': ['http://localhost:2380'],
		'added-peer-is-learner': false,
	});
	say('snapshot/v3_snapshot.go:333', 'restored snapshot', { ...places, 'initial-memory-map-size': 10_737_418_240 });
	return 0;
}

function run(process: Process, line: Line): number {
	const [command, verb, path] = line.args;
	if (command === 'version') {
		process.stdout(`etcdutl version: ${VERSION}\nAPI version: 3.6\n`);
		return 0;
	}
	if (command === 'snapshot' && (verb === 'status' || verb === 'restore')) {
		if (path === undefined) {
			process.stderr(`Error: snapshot ${verb} requires exactly one argument\n`);
			return 128;
		}
		return verb === 'status' ? status(process, line, path) : restore(process, line, path);
	}
	process.stderr(`Error: unknown command ${JSON.stringify(command ?? '')} for "etcdutl"\nRun 'etcdutl --help' for usage.\n`);
	return 1;
}

const program: Program = {
	name: 'etcdutl',
	start(process) {
		process.exit(run(process, parseLine(process.argv.slice(1))));
	},
};

export const etcdutl = program as unknown as Program<never>;
