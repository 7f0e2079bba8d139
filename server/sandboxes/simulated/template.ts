/** A booted cluster that new sandboxes fork from, with its snapshot on disk for their journals to start at. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type GpuPool, parseGpuPools } from '../../simulator/gpu/pools.ts';
import type { BootOptions } from '../../simulator/services.ts';
import { buildSystem, Simulator, type System } from '../../simulator/simulator.ts';
import { writeDurably } from '../../durable.ts';
import { packSnapshot } from './journal.ts';

export interface TemplateRequest extends Partial<Omit<BootOptions, 'gpus'>> {
	/** Pools of GPU nodes as `parseGpuPools` reads them. Throws where it cannot. */
	readonly gpus?: string | undefined;
	/** Does what stands in a lab's cluster from the start; runs once. */
	readonly prepare?: (simulator: Simulator) => void;
	readonly seed?: number;
	/** Virtual ms that `prepare` takes: the cluster boots so much earlier, for its clock must not run ahead of the wall's. */
	readonly prepareMs?: number;
	/** Virtual ms that the cluster settles after boot and again after `prepare`. */
	readonly settleMs?: number;
}

export class Template {
	readonly simulator: Simulator;
	readonly bootMs: number;
	private file: Promise<string> | undefined;

	private constructor(simulator: Simulator, bootMs: number) {
		this.simulator = simulator;
		this.bootMs = bootMs;
	}

	static build(request: TemplateRequest, system: System = buildSystem(request.profile ?? 'full')): Template {
		const started = performance.now();
		const settleMs = request.settleMs ?? 60_000;
		const prepareMs = request.prepare === undefined ? 0 : settleMs + (request.prepareMs ?? 0);
		const simulator = Simulator.boot({ seed: request.seed ?? 1, now: Date.now() - settleMs - prepareMs, settleMs, ...boot(request) }, system);
		if (request.prepare !== undefined) {
			request.prepare(simulator);
			simulator.apply({ at: simulator.now + settleMs, kind: 'tick' });
		}
		return new Template(simulator, performance.now() - started);
	}

	/** ms by which its clock is behind the wall's. */
	get behindMs(): number {
		return Date.now() - this.simulator.now;
	}

	/** The same cluster at the wall's time. */
	later(): Template {
		const simulator = this.simulator.fork();
		simulator.apply({ at: Math.max(simulator.now, Date.now()), kind: 'tick' });
		return new Template(simulator, this.bootMs);
	}

	/** Path of its packed snapshot in `folder`, written once. */
	snapshotFile(folder: string): Promise<string> {
		this.file ??= this.writeSnapshot(folder).catch((error: unknown) => {
			this.file = undefined;
			throw error;
		});
		return this.file.then((path) => (existsSync(path) ? path : this.writeSnapshot(folder)));
	}

	private async writeSnapshot(folder: string): Promise<string> {
		const path = join(folder, `template-${process.pid}-${randomBytes(4).toString('hex')}.json.gz`);
		await writeDurably(path, await packSnapshot(this.simulator.snapshot()));
		return path;
	}
}

function boot(request: TemplateRequest): Partial<BootOptions> {
	const { workers, profile, hosts, gpus, authority } = request;
	return {
		...(workers === undefined ? {} : { workers }),
		...(profile === undefined ? {} : { profile }),
		...(hosts === undefined ? {} : { hosts }),
		...(authority === undefined ? {} : { authority }),
		...(gpus === undefined ? {} : { gpus: pools(gpus) }),
	};
}

function pools(text: string): readonly GpuPool[] {
	const read = parseGpuPools(text);
	if ('error' in read) throw new Error(`gpus: ${read.error}`);
	return read.pools;
}
