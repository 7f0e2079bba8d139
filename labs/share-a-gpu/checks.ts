/** The code behind the checks of lab.yaml, by their ids. */
import type { CheckContext, CheckFunction, CheckTable } from '../../server/grading/check.ts';
import { fail, pass } from '../../server/grading/check.ts';
import { agrees, readFigures } from '../../server/grading/figures.ts';
import { bodyOf, describe, gpuContainer, statusOf } from '../../server/grading/kube.ts';
import { inMs } from '../../server/grading/traffic.ts';
import { asItStands, gpuNode, hostOf, inTurns, PROMISE, serversOf, type Tenant, TENANTS } from './tenants.ts';

const tenants: CheckFunction = async (context) => {
	const expected = `${hostOf('chat')} and ${hostOf('batch')} answer under their model names, batch with ${PROMISE.workers} workers, each on a device`;
	return context.inCopy(async (c) => {
		for (const t of TENANTS) {
			const pods = await serversOf(c, t);
			const r = await c.network.request({
				method: 'POST',
				url: `http://${hostOf(t)}/v1/completions`,
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ model: t, prompt: c.token(t), max_tokens: 8, ignore_eos: true }),
				timeoutMs: 30_000,
			});
			if (statusOf(r) !== 200)
				return fail(expected, `${t} has ${pods.length} ready server${pods.length === 1 ? '' : 's'} and came to ${describe(r)} ${bodyOf(r).slice(0, 120)}`);
			const least = t === 'batch' ? PROMISE.workers : 1;
			if (pods.length < least) return fail(expected, `${t} has ${pods.length} of ${least} workers ready`);
		}
		return pass('both answer');
	});
};

const layout: CheckFunction = async (c) => {
	const expected = 'the layout that the node was asked for was reached, or its card is offered in turns';
	const node = await gpuNode(c);
	const labels = node?.metadata.labels ?? {};
	const wanted = labels['nvidia.com/mig.config'] ?? 'all-disabled';
	const state = labels['nvidia.com/mig.config.state'] ?? '';
	const offered = Object.entries((node?.status?.allocatable ?? {}) as { readonly [r: string]: string }).filter(
		([r, n]) => r.startsWith('nvidia.com/') && Number(n) > 0,
	);
	const seen = `mig.config=${wanted}${state === '' ? '' : `, state ${state}`}; offered: ${offered.map(([r, n]) => `${n} ${r}`).join(', ') || 'nothing'}`;
	if (wanted !== 'all-disabled' && state !== 'success') return fail(expected, seen);
	const devices = offered.reduce((n, [, count]) => n + Number(count), 0);
	return devices >= 1 + PROMISE.workers ? pass(seen) : fail(expected, `${seen}: ${devices} for ${1 + PROMISE.workers} servers`);
};

const isolation: CheckFunction = async (context) => {
	const expected = `with 48 requests of batch under way: chat's TTFT p95 at most ${PROMISE.ttft} ms and TPOT p95 at most ${PROMISE.tpot} ms; batch at least ${PROMISE.batch} tokens/s; nothing fails`;
	const { chat, batch, batchFailed } = await asItStands(context);
	const seen = `chat TTFT p95 ${inMs(chat.ttft)}, TPOT p95 ${inMs(chat.tpot)}; batch ${batch.toFixed(0)} tokens/s`;
	if (chat.failed + batchFailed > 0) return fail(expected, `${chat.failed} requests of chat and ${batchFailed} of batch failed; ${seen}`);
	const missed = [
		...(chat.ttft > PROMISE.ttft ? ["chat's TTFT"] : []),
		...(chat.tpot > PROMISE.tpot ? ["chat's TPOT"] : []),
		...(batch < PROMISE.batch ? ["batch's throughput"] : []),
	];
	return missed.length === 0 ? pass(seen) : fail(expected, `${missed.join(' and ')} missed: ${seen}`);
};

/** UUIDs that a tenant's servers see. */
async function devicesOf(c: CheckContext, t: Tenant): Promise<readonly string[]> {
	const out: string[] = [];
	for (const pod of await serversOf(c, t)) {
		const r = await c.api.exec(t, pod.metadata.name, ['nvidia-smi', '-L'], String(gpuContainer(pod)?.['name'] ?? ''));
		const mig = [...r.stdout.matchAll(/UUID: (MIG-[\w-]+)/g)].map((m) => m[1] ?? '');
		out.push(...(mig.length > 0 ? mig : [...r.stdout.matchAll(/UUID: (GPU-[\w-]+)/g)].map((m) => m[1] ?? '')));
	}
	return out;
}

const devices: CheckFunction = async (c) => {
	const expected = 'no device that a server of chat sees is seen by a server of batch, and no two servers see the same';
	const [chat, batch] = [await devicesOf(c, 'chat'), await devicesOf(c, 'batch')];
	const both = chat.filter((d) => batch.includes(d));
	if (both.length > 0) return fail(expected, `chat and batch share ${[...new Set(both)].join(', ')}`);
	const all = [...chat, ...batch];
	if (new Set(all).size < all.length) return fail(expected, 'two servers of one team share a device');
	return pass(`${chat.length} for chat, ${batch.length} for batch, none in common`);
};

const quotas: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'in either namespace, a further pod that asks for any of the card’s resources is refused by a quota';
		const node = await gpuNode(c);
		const resources = Object.entries((node?.status?.allocatable ?? {}) as { readonly [r: string]: string }).flatMap(([r, n]) =>
			r.startsWith('nvidia.com/') && Number(n) > 0 ? [r] : [],
		);
		const taken: string[] = [];
		for (const t of TENANTS) {
			for (const resource of resources) {
				const a = await c.api.create('v1/pods', t, {
					apiVersion: 'v1',
					kind: 'Pod',
					metadata: { name: 'one-more', namespace: t },
					spec: {
						tolerations: [{ operator: 'Exists' }],
						containers: [
							{
								name: 'c',
								image: 'busybox:1.36',
								command: ['sleep', '60'],
								resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '10m', memory: '16Mi', [resource]: '1' } },
							},
						],
					},
				});
				if (a.ok) {
					taken.push(`${t} may take one more ${resource}`);
					await c.api.call('DELETE', `/api/v1/namespaces/${t}/pods/one-more?gracePeriodSeconds=0`);
				} else if (!a.message.includes('exceeded quota')) return { outcome: 'ungraded', reason: `a pod in ${t} was refused for another reason: ${a.message}` };
			}
		}
		return taken.length === 0 ? pass(`${resources.join(', ')}: refused in both namespaces`) : fail(expected, taken.join('; '));
	});

const FILE = '/home/learner/share/decision.md';

const decision: CheckFunction = async (c) => {
	const expected = 'four figures within a quarter of what a second measurement gives, and the decision that follows from the promises';
	const text = await c.files.read(FILE);
	if (text === undefined) return fail(expected, '~/share/decision.md is not there');
	const f = readFigures(text);
	const cut = await asItStands(c);
	const turns = await inTurns(c);
	if (typeof turns === 'string') return { outcome: 'ungraded', reason: turns };
	const rows: readonly (readonly [label: string, measured: number])[] = [
		['Time-slicing: chat TPOT p95', turns.chat.tpot],
		['Time-slicing: batch throughput', turns.batch],
		['MIG: chat TPOT p95', cut.chat.tpot],
		['MIG: batch throughput', cut.batch],
	];
	const missing = rows.filter(([label]) => f.get(label) === undefined).map(([label]) => label);
	if (missing.length > 0) return fail(expected, `no figure for ${missing.join(', ')}`);
	const wrong = rows.flatMap(([label, measured]) => {
		const claimed = f.get(label) ?? 0;
		return agrees(claimed, measured, 0.25) ? [] : [`${label}: the note says ${claimed}, the run ${measured.toFixed(1)}`];
	});
	if (wrong.length > 0) return fail(expected, wrong.join('; '));
	const said = /^\W*decision\W*:\W*(.+)$/im.exec(text)?.[1] ?? '';
	if (!/\bmig\b/i.test(said))
		return fail(expected, `the decision says “${said.slice(0, 60)}”, and only the cut card kept the promise (in turns: ${inMs(turns.chat.tpot)})`);
	return pass(`all four agree; in turns chat has ${inMs(turns.chat.tpot)} a token, cut ${inMs(cut.chat.tpot)}`);
};

export const checks: CheckTable = { tenants, layout, isolation, devices, quotas, decision };
