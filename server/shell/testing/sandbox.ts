/** A sandbox without a cluster, for tests of the shell: files in memory, a clock of real time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Sandbox, WorkstationFile } from '../../sandboxes/sandbox.ts';

type Entry = WorkstationFile & { readonly content: string; readonly binary: boolean };

export function memorySandbox(files: { readonly [path: string]: string } = {}): Sandbox {
	const entries = new Map<string, Entry>();
	const put = (path: string, e: Partial<Entry>): void => {
		for (let i = path.indexOf('/', 1); i > 0; i = path.indexOf('/', i + 1))
			if (!entries.has(path.slice(0, i))) put(path.slice(0, i), { kind: 'directory', mode: 0o755 });
		const old = entries.get(path);
		entries.set(path, { path, kind: 'file', content: '', binary: false, mode: old?.mode ?? 0o644, mtime: Date.now(), size: e.content?.length ?? 0, ...e });
	};
	for (const [path, content] of Object.entries(files)) put(path, { content });
	const refuse = async (): Promise<never> => {
		throw new Error('this sandbox has no cluster');
	};
	return {
		id: 'memory',
		provider: 'simulator',
		capabilities: { fork: false, rewind: false, virtualTime: false, podNetwork: false },
		cluster: { fetch: refuse, connect: refuse },
		network: { request: async (r) => ({ ok: false, error: 'ENOTFOUND', port: Number(new URL(r.url).port || 80), phase: 'dns', elapsedMs: 1 }), load: refuse },
		files: {
			read: async (p) => entries.get(p)?.content,
			write: async (p, content) => put(p, { content }),
			remove: async (p) => void entries.delete(p),
			list: async (under) => [...entries.values()].filter((e) => e.path.startsWith(under === '/' ? '/' : `${under}/`)),
			entry: async (p) => entries.get(p),
			change: async (op) => {
				if (op.op === 'write') put(op.path, { content: op.content, binary: op.binary ?? false, ...(op.mode === undefined ? {} : { mode: op.mode }) });
				else if (op.op === 'mkdir') put(op.path, { kind: 'directory', mode: 0o755 });
				else if (op.op === 'symlink') put(op.path, { kind: 'symlink', content: op.target });
				else if (op.op === 'remove') for (const k of [...entries.keys()]) (k === op.path || k.startsWith(`${op.path}/`)) && entries.delete(k);
				else if (op.op === 'chmod') put(op.path, { ...entries.get(op.path), mode: op.mode });
				else put(op.path, { ...entries.get(op.path), mtime: op.mtime });
			},
			watch: () => () => {},
		},
		journal: { commands: async () => [], audit: async () => [] },
		metrics: { read: async () => [] },
		clock: { now: () => Date.now(), advance: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined) },
		fork: refuse,
		dispose: async () => {},
	};
}
