/**
 * `etcdctl` in the etcd pod: what the store holds, as it holds it. `kubectl -n kube-system exec etcd-… -- etcdctl get
 * /registry/secrets/default/x` is how a real cluster shows whether its secrets are encrypted; and `snapshot save`. Reading
 * alone: a write behind the API server's back has no counterpart here.
 */
import { registryPath, storedValue } from '../../../apiserver/encryption/storage.ts';
import { listObjects, objectKey, revision } from '../../../apiserver/registry/store.ts';
import { toBase64Bytes } from '../../../apiserver/base64.ts';
import type { KubeObject, Strategy } from '../../../apiserver/types.ts';
import type { Process, Program } from '../../../images/program.ts';
import type { World } from '../../../kernel/world.ts';
import type { Host } from '../../host.ts';
import { worldOf } from '../../process-handle.ts';
import { asciiTable, type Line, parseLine } from './line.ts';
import { absolute, bytesText, ERRNO, isStored, SNAPSHOT_HELP, snapshotText, stamp, stateOf, VERSION } from './snapshot.ts';

interface Pair {
	readonly key: string;
	readonly strategy: Strategy;
	readonly object: KubeObject;
}

/** What lies under a key, or under all that begin with it. */
function pairs(world: World, host: Host, key: string, prefix: boolean): readonly Pair[] {
	const out: Pair[] = [];
	for (const strategy of host.services.api.strategiesOf(world)) {
		const base = `/registry/${registryPath(strategy, '')}`;
		if (!isStored(strategy) || !(key.startsWith(base) || (prefix && base.startsWith(key)))) continue;
		for (const object of listObjects(world, strategy)) {
			const at = base + objectKey(object.metadata.namespace, object.metadata.name);
			if (at === key || (prefix && at.startsWith(key))) out.push({ key: at, strategy, object });
		}
	}
	return out.sort((a, b) => (a.key < b.key ? -1 : 1));
}

const bytesOf = (text: string): readonly number[] => [...text].map((c) => c.charCodeAt(0));
const base64 = (text: string): string => toBase64Bytes(bytesOf(text));

/** `-w json`: keys and values in base64, as etcd's client marshals a RangeResponse. */
function asJson(world: World, found: readonly Pair[], keysOnly: boolean): string {
	const kvs = found.map(({ key, strategy, object }) => ({
		key: base64(key),
		create_revision: Number(object.metadata.resourceVersion),
		mod_revision: Number(object.metadata.resourceVersion),
		version: 1,
		...(keysOnly ? {} : { value: base64(storedValue(world, strategy, object)) }),
	}));
	const header = { cluster_id: 1, member_id: 1, revision: revision(world), raft_term: 2 };
	return `${JSON.stringify({ header, ...(kvs.length === 0 ? {} : { kvs, count: kvs.length }) })}\n`;
}

function get(process: Process, { args, flags }: Line): number {
	const at = worldOf(process);
	const [, key] = args;
	if (key === undefined || at === undefined) {
		process.stderr('Error: get command needs one argument as key and an optional argument as range_end\n');
		return 128;
	}
	const { world, host } = at;
	const limit = Number(flags['limit'] ?? 0);
	const all = pairs(world, host, key, flags['prefix'] !== undefined || flags['from-key'] !== undefined);
	const found = limit > 0 ? all.slice(0, limit) : all;
	const keysOnly = flags['keys-only'] !== undefined;
	if (flags['count-only'] !== undefined) process.stdout(flags['write-out'] === 'fields' ? `"Count" : ${all.length}\n` : '');
	else if (flags['write-out'] === 'json') process.stdout(asJson(world, found, keysOnly));
	else {
		for (const { key: name, strategy, object } of found) {
			const value = keysOnly ? '' : storedValue(world, strategy, object);
			process.stdout(flags['print-value-only'] === undefined ? `${name}\n${value}\n` : `${value}\n`);
		}
	}
	return 0;
}

/** The one member of a cluster that kubeadm made. */
const MEMBER = { id: 'aec36adc501070cc', name: 'foothold-control-plane', peer: 'https://172.18.0.2:2380', client: 'https://172.18.0.2:2379' };

const endpointOf = ({ flags }: Line): string => flags['endpoints'] ?? '127.0.0.1:2379';

/** One row in a format that is not JSON: joined by commas, or a table. */
function printRow({ flags }: Line, head: readonly string[], row: readonly string[]): string {
	return flags['write-out'] === 'table' ? asciiTable(head, [row]) : `${row.join(', ')}\n`;
}

function endpoint(process: Process, line: Line, world: World, host: Host): number {
	const at = endpointOf(line);
	if (line.args[1] === 'health') {
		if (line.flags['write-out'] === 'table') process.stdout(asciiTable(['endpoint', 'health', 'took', 'error'], [[at, 'true', '2.1ms', '']]));
		else process.stdout(`${at} is healthy: successfully committed proposal: took = 2.1ms\n`);
		return 0;
	}
	const { size, revision: index } = stateOf(world, host);
	const head = ['endpoint', 'ID', 'version', 'storage version', 'db size', 'in use', 'percentage not in use', 'quota', 'is leader', 'is learner', 'raft term'];
	const more = ['raft index', 'raft applied index', 'errors', 'downgrade target version', 'downgrade enabled'];
	const used = size * 0.6;
	const row = [
		at,
		MEMBER.id,
		VERSION,
		'3.6.0',
		bytesText(size),
		bytesText(used),
		'40%',
		'2.1 GB',
		'true',
		'false',
		'2',
		String(index),
		String(index),
		'',
		'',
		'false',
	];
	process.stdout(printRow(line, [...head, ...more], row));
	return 0;
}

function snapshotSave(process: Process, line: Line, world: World, host: Host): number {
	const [, , path, ...more] = line.args;
	if (path === undefined || more.length > 0) {
		process.stderr('Error: snapshot save expects one argument\n');
		return 128;
	}
	const state = stateOf(world, host);
	const say = (caller: string, msg: string, more: object, client = false): void =>
		process.stderr(`${JSON.stringify({ level: 'info', ts: stamp(process.now), ...(client ? { logger: 'client' } : {}), caller, msg, ...more })}\n`);
	say('snapshot/v3_snapshot.go:83', 'created temporary db file', { path: `${path}.part` });
	const written = process.fs.write(absolute(process.cwd, path), snapshotText(state), { mode: 0o600 });
	if (!written.ok) {
		process.stderr(`Error: could not open ${path}.part (open ${path}.part: ${ERRNO[written.error] ?? 'no such file or directory'})\n`);
		return 1;
	}
	say('v3@v3.6.6/maintenance.go:236', 'opened snapshot stream; downloading', {}, true);
	say('snapshot/v3_snapshot.go:96', 'fetching snapshot', { endpoint: endpointOf(line) });
	say('v3@v3.6.6/maintenance.go:302', 'completed snapshot read; closing', {}, true);
	say('snapshot/v3_snapshot.go:111', 'fetched snapshot', { endpoint: endpointOf(line), size: bytesText(state.size), took: 'now', 'etcd-version': '3.6.0' });
	say('snapshot/v3_snapshot.go:121', 'saved', { path });
	process.stdout(`Snapshot saved at ${path}\nServer version 3.6.0\n`);
	return 0;
}

/** What needs a server; undefined where there is no such command. */
function ask(process: Process, line: Line, world: World, host: Host): number | undefined {
	switch (line.args.slice(0, 2).join(' ')) {
		case 'endpoint health':
		case 'endpoint status':
			return endpoint(process, line, world, host);
		case 'member list': {
			const head = ['ID', 'status', 'name', 'peer addrs', 'client addrs', 'is learner'];
			process.stdout(printRow(line, head, [MEMBER.id, 'started', MEMBER.name, MEMBER.peer, MEMBER.client, 'false']));
			return 0;
		}
		case 'alarm list':
			return 0;
		case 'defrag':
			process.stdout(`Finished defragmenting etcd member[${endpointOf(line)}]. took 31.4ms\n`);
			return 0;
		case 'snapshot save':
			return snapshotSave(process, line, world, host);
		default:
			return line.args[0] === 'get' ? get(process, line) : undefined;
	}
}

/** Files of the connection by flag; the environment has them, too (`ETCDCTL_CACERT`). */
const CREDENTIALS = ['cacert', 'cert', 'key'] as const;

/** Environment variables stand for flags that were not given. */
function withEnvironment(line: Line, env: Process['env']): Line {
	const flags: { [flag: string]: string } = { ...line.flags };
	for (const name of ['endpoints', ...CREDENTIALS]) flags[name] ??= env[`ETCDCTL_${name.toUpperCase()}`] ?? '';
	return { args: line.args, flags: Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== '')) };
}

/** The server lets in nobody without a certificate of its authority: such a call only ends by its deadline, ms. */
const COMMAND_TIMEOUT_MS = 5000;
const REFUSED = 'connection error: desc = "error reading server preface: EOF"';

function start(process: Process): void {
	const line = withEnvironment(parseLine(process.argv.slice(1)), process.env);
	if (line.args[0] === 'version') {
		process.stdout(`etcdctl version: ${VERSION}\nAPI version: 3.6\n`);
		process.exit(0);
		return;
	}
	if (line.args[0] === 'snapshot' && line.args[1] !== 'save') {
		process.stdout(SNAPSHOT_HELP);
		process.exit(0);
		return;
	}
	for (const flag of CREDENTIALS) {
		const path = line.flags[flag];
		if (path === undefined || process.fs.read(absolute(process.cwd, path)).ok) continue;
		process.stderr(`Error: open ${path}: no such file or directory\n`);
		process.exit(128);
		return;
	}
	if (CREDENTIALS.some((flag) => line.flags[flag] === undefined)) {
		process.timer(COMMAND_TIMEOUT_MS, 'deadline');
		return;
	}
	const at = worldOf(process);
	const code = at === undefined ? 1 : ask(process, line, at.world, at.host);
	if (code === undefined) process.stderr(`Error: unknown command ${JSON.stringify(line.args[0] ?? '')} for "etcdctl"\nRun 'etcdctl --help' for usage.\n`);
	process.exit(code ?? 1);
}

const program: Program = {
	name: 'etcdctl',
	start,
	onTimer(process) {
		const target = `etcd-endpoints://0xc00038a000/${endpointOf(withEnvironment(parseLine(process.argv.slice(1)), process.env)).replace(/^https?:\/\//, '')}`;
		const error = `rpc error: code = DeadlineExceeded desc = latest balancer error: last ${REFUSED}`;
		const text = {
			level: 'warn',
			ts: stamp(process.now),
			logger: 'etcd-client',
			caller: 'v3@v3.6.6/retry_interceptor.go:65',
			msg: 'retrying of unary invoker failed',
		};
		process.stderr(`${JSON.stringify({ ...text, target, method: '/etcdserverpb.KV/Range', attempt: 0, error })}\nError: context deadline exceeded\n`);
		process.exit(1);
	},
};

export const etcdctl = program as unknown as Program<never>;
