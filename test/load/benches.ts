/** The benchmarks, by name. Each prints its figures. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gradeLab } from '../../server/grading/grade.ts';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { testTerminal } from '../../server/shell/testing/terminal.ts';
import type { Input } from '../../server/simulator/inputs.ts';
import { SYSTEM_USERS } from '../../server/simulator/services.ts';
import { compactSnapshot, Simulator } from '../../server/simulator/simulator.ts';
import { finishedLab, labTemplate } from './finished.ts';
import { heap, print, quantile } from './figures.ts';
import { https } from './https.ts';
import { scale } from './scale.ts';
import { serving } from './serving.ts';
import { terminals } from './terminals.ts';

const root = resolve(import.meta.dirname, '../..');

async function sandbox(): Promise<void> {
	const { template } = await labTemplate();
	const folder = mkdtempSync(join(tmpdir(), 'foothold-bench-'));
	const ready: number[] = [];
	for (let i = 0; i < 40; i++) {
		const started = performance.now();
		const s = await SimulatorSandbox.create(template, { id: `s${i}`, folder: join(folder, `s${i}`), templates: folder });
		const t = testTerminal(s);
		await t.until(/\$ $/);
		await s.cluster.fetch(new Request('http://cluster/api/v1/nodes'));
		ready.push(performance.now() - started);
		t.handle.close();
		await s.dispose();
	}
	rmSync(folder, { recursive: true, force: true });
	print({ bench: 'sandbox', metric: 'ready_ms_p50', value: quantile(ready.slice(5), 0.5), unit: 'ms', n: ready.length - 5 });

	const { simulator } = await finishedLab();
	const text = JSON.stringify(compactSnapshot(simulator.snapshot()));
	print({ bench: 'sandbox', metric: 'snapshot_kb', value: text.length / 1024, unit: 'kB', n: 1 });
	const before = heap();
	const kept: Simulator[] = [];
	for (let i = 0; i < 300; i++) {
		// A restored snapshot shares nothing with the others: what 300 learners cost who each did the work themselves.
		const copy = Simulator.restore(JSON.parse(text), simulator.system);
		copy.apply({ at: copy.now + 60_000, kind: 'tick' });
		kept.push(copy);
	}
	print({ bench: 'sandbox', metric: 'memory_mb', value: (heap() - before) / 300 / 1024 / 1024, unit: 'MB', n: kept.length });
}

async function terminal(): Promise<void> {
	const { sandbox: s } = await finishedLab();
	const t = testTerminal(s);
	const times: number[] = [];
	for (let i = 0; i < 60; i++) {
		const started = performance.now();
		await t.run('kubectl get pods -n notes');
		times.push(performance.now() - started);
	}
	print({ bench: 'terminal', metric: 'get_pods_ms_p50', value: quantile(times.slice(5), 0.5), unit: 'ms', n: times.length - 5 });
	t.handle.close();
}

async function grade(): Promise<void> {
	const { sandbox: s, lab, seed } = await finishedLab();
	const times: number[] = [];
	for (let i = 0; i < 7; i++) {
		const started = performance.now();
		await gradeLab({ lab, sandbox: s, seed, attempt: 1 });
		times.push(performance.now() - started);
	}
	print({ bench: 'grade', metric: 'verdict_ms_p50', value: quantile(times, 0.5), unit: 'ms', n: times.length });
}

async function simulator(): Promise<void> {
	const { simulator: finished } = await finishedLab();
	const idle = finished.fork();
	const started = performance.now();
	idle.apply({ at: idle.now + 3_600_000, kind: 'tick' });
	print({ bench: 'simulator', metric: 'idle_hour_s', value: (performance.now() - started) / 1000, unit: 's', n: 1 });

	// Five hundred commands, five seconds apart: a long afternoon's work.
	const base = finished.snapshot();
	const inputs: Input[] = [];
	for (let i = 0; i < 500; i++) {
		const at = finished.now + (i + 1) * 5000;
		const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${i}`, namespace: 'default' }, data: { i: String(i) } };
		inputs.push({
			at,
			kind: 'request',
			request: {
				method: 'GET',
				url: '/api/v1/namespaces/notes/pods',
				headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
				user: SYSTEM_USERS.admin,
			},
		});
		if (i % 3 === 0)
			inputs.push({
				at,
				kind: 'request',
				request: {
					method: 'POST',
					url: '/api/v1/namespaces/default/configmaps',
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify(body),
					user: SYSTEM_USERS.admin,
				},
			});
		if (i % 50 === 0)
			inputs.push({
				at,
				kind: 'request',
				request: {
					method: 'PATCH',
					url: '/apis/apps/v1/namespaces/notes/deployments/api',
					headers: { 'content-type': 'application/merge-patch+json' },
					body: JSON.stringify({ spec: { template: { metadata: { annotations: { run: String(i) } } } } }),
					user: SYSTEM_USERS.admin,
				},
			});
		inputs.push({ at, kind: 'file', op: { op: 'write', path: `/home/learner/f${i % 20}.yaml`, content: `n: ${i}\n` } });
		inputs.push({ at, kind: 'note', topic: 'commands', value: { line: `kubectl get pods # ${i}`, exitCode: 0 } });
	}
	const replay = Simulator.restore(base, finished.system);
	const from = performance.now();
	for (const input of inputs) replay.apply(input);
	print({ bench: 'simulator', metric: 'replay_500_s', value: (performance.now() - from) / 1000, unit: 's', n: inputs.length });
}

async function apiserver(): Promise<void> {
	const s = Simulator.boot({ seed: 1, now: Date.UTC(2026, 0, 1), profile: 'apiserver', settleMs: 0 });
	const pod = (i: number): string =>
		JSON.stringify({
			apiVersion: 'v1',
			kind: 'Pod',
			metadata: { name: `p${i}`, namespace: 'default', labels: { app: `a${i % 50}` } },
			spec: { containers: [{ name: 'c', image: 'nginx:1.29', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] },
		});
	const headers = { 'content-type': 'application/json' };
	const create = (i: number): number | undefined =>
		s.apply({
			at: s.now,
			kind: 'request',
			request: { method: 'POST', url: '/api/v1/namespaces/default/pods', headers, body: pod(i), user: SYSTEM_USERS.admin },
		}).response?.status;
	for (let i = 0; i < 500; i++) create(i);
	let started = performance.now();
	const created = 5000;
	for (let i = 500; i < 500 + created; i++) if (create(i) !== 201) throw new Error(`create ${i} failed`);
	print({ bench: 'apiserver', metric: 'create_per_s', value: (created / (performance.now() - started)) * 1000, unit: '1/s', n: created });
	started = performance.now();
	const gets = 40_000;
	for (let i = 0; i < gets; i++) {
		const r = s.apply({
			at: s.now,
			kind: 'request',
			request: { method: 'GET', url: `/api/v1/namespaces/default/pods/p${i % 5000}`, headers: {}, user: SYSTEM_USERS.admin },
		}).response;
		if (r?.status !== 200) throw new Error(`get ${i} failed`);
	}
	print({ bench: 'apiserver', metric: 'get_per_s', value: (gets / (performance.now() - started)) * 1000, unit: '1/s', n: gets });
}

/** Bytes of script that a page of the built site loads, in kB: files it names, and what those import. */
function scriptOf(page: string): number {
	const dist = join(root, 'dist');
	const seen = new Set<string>();
	let bytes = 0;
	const take = (path: string): void => {
		if (seen.has(path)) return;
		seen.add(path);
		const file = join(dist, path);
		const text = readFileSync(file, 'utf8');
		bytes += statSync(file).size;
		for (const m of text.matchAll(/(?:from|import)\s*\(?["']([^"']+\.js)["']/g)) take(new URL(m[1] ?? '', `http://x${path}`).pathname);
	};
	const html = readFileSync(join(dist, page), 'utf8');
	for (const m of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)) {
		const src = /src="([^"]+)"/.exec(m[1] ?? '')?.[1];
		if (src === undefined) bytes += Buffer.byteLength(m[2] ?? '');
		else take(src);
	}
	for (const m of html.matchAll(/(?:component-url|renderer-url)="([^"]+)"/g)) take(m[1] ?? '');
	return bytes / 1024;
}

async function site(): Promise<void> {
	const started = performance.now();
	const built = spawnSync('astro', ['build', '--silent'], { cwd: root, stdio: 'inherit', env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' } });
	if (built.status !== 0) throw new Error('the site does not build');
	print({ bench: 'site', metric: 'build_s', value: (performance.now() - started) / 1000, unit: 's', n: 1 });
	print({ bench: 'site', metric: 'start_script_kb', value: scriptOf('index.html'), unit: 'kB', n: 1 });
	const track = readdirSync(join(root, 'dist/track')).includes('index.html') ? 'track/index.html' : 'track.html';
	print({ bench: 'site', metric: 'track_script_kb', value: scriptOf(track), unit: 'kB', n: 1 });
}

export const benches: { readonly [name: string]: (() => Promise<void>) | undefined } = {
	sandbox,
	terminal,
	grade,
	simulator,
	apiserver,
	https,
	scale,
	site,
	serving,
	terminals,
};
