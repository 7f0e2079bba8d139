/**
 * `etcdctl` in the etcd pod: what the store holds, as it holds it. `kubectl -n kube-system exec etcd-… -- etcdctl get
 * /registry/secrets/default/x` is how a real cluster shows whether its secrets are encrypted. Reading alone: a write
 * behind the API server's back has no counterpart here.
 */
import { registryPath, storedValue } from '../../apiserver/encryption/storage.ts';
import { listObjects, objectKey, revision } from '../../apiserver/registry/store.ts';
import { toBase64Bytes } from '../../apiserver/base64.ts';
import type { KubeObject, Strategy } from '../../apiserver/types.ts';
import type { Process, Program } from '../../images/program.ts';
import type { World } from '../../kernel/world.ts';
import type { Host } from '../host.ts';
import { worldOf } from '../process-handle.ts';

const VERSION = '3.6.6';
/** Flags that take a value; those of the connection are read and mean nothing. */
const VALUED: ReadonlySet<string> = new Set(['endpoints', 'cacert', 'cert', 'key', 'write-out', 'limit', 'user', 'dial-timeout', 'command-timeout']);
const SHORT: { readonly [flag: string]: string } = { w: 'write-out' };

interface Line {
	readonly args: readonly string[];
	readonly flags: { readonly [flag: string]: string };
}

function parse(argv: readonly string[]): Line {
	const args: string[] = [];
	const flags: { [flag: string]: string } = {};
	for (let i = 0; i < argv.length; i++) {
		const arg = argv[i] ?? '';
		if (!arg.startsWith('-')) {
			args.push(arg);
			continue;
		}
		const [, text = '', inline] = /^--?([^=]+)(?:=(.*))?$/.exec(arg) ?? [];
		const name = SHORT[text] ?? text;
		if (inline !== undefined) flags[name] = inline;
		else if (VALUED.has(name)) {
			flags[name] = argv[i + 1] ?? '';
			i++;
		} else flags[name] = 'true';
	}
	return { args, flags };
}

interface Pair {
	readonly key: string;
	readonly strategy: Strategy;
	readonly object: KubeObject;
}

const stored = (s: Strategy): boolean => s.virtualCreate === undefined && s.virtualRead === undefined;

/** What lies under a key, or under all that begin with it. */
function pairs(world: World, host: Host, key: string, prefix: boolean): readonly Pair[] {
	const out: Pair[] = [];
	for (const strategy of host.services.api.strategiesOf(world)) {
		const base = `/registry/${registryPath(strategy, '')}`;
		if (!stored(strategy) || !(key.startsWith(base) || (prefix && base.startsWith(key)))) continue;
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

const ENDPOINT = 'https://127.0.0.1:2379';

function run(process: Process, line: Line): number {
	switch (line.args[0]) {
		case 'get':
			return get(process, line);
		case 'version':
			process.stdout(`etcdctl version: ${VERSION}\nAPI version: 3.6\n`);
			return 0;
		case 'endpoint':
			if (line.args[1] !== 'health') break;
			process.stderr(`${ENDPOINT} is healthy: successfully committed proposal: took = 2.1ms\n`);
			return 0;
		case 'member':
			if (line.args[1] !== 'list') break;
			process.stdout('1, started, foothold-control-plane, https://172.18.0.4:2380, https://172.18.0.4:2379, false\n');
			return 0;
		default:
	}
	process.stderr(`Error: unknown command ${JSON.stringify(line.args.join(' '))} for "etcdctl"\nRun 'etcdctl --help' for usage.\n`);
	return 1;
}

const program: Program = {
	name: 'etcdctl',
	start(process) {
		process.exit(run(process, parse(process.argv.slice(1))));
	},
};

export const etcdctl = program as unknown as Program<never>;
