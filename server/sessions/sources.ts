/** Sandboxes for labs: forks of a lab's template, or the cluster that a kubeconfig reaches. */
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { fillTokens } from '../grading/labs.ts';
import { applyObjects, NAMESPACE_SETTLE_MS } from '../grading/apply.ts';
import type { LoadedLab } from '../grading/grade.types.ts';
import { fault } from '../errors/catalogue.ts';
import { RealEndpoint } from '../sandboxes/real/endpoint.ts';
import { missingGpus } from '../sandboxes/real/gpus.ts';
import { KubeconfigSandbox } from '../sandboxes/kubeconfig.ts';
import type { HostedSandbox } from '../sandboxes/hosted.ts';
import { SimulatorSandbox, type SimulatorSandboxOptions } from '../sandboxes/simulator.ts';
import { applyManifests } from '../sandboxes/simulated/manifests.ts';
import { Template } from '../sandboxes/simulated/template.ts';
import { buildSystem, type System } from '../simulator/simulator.ts';
import type { SandboxRequest, SandboxSource } from './parts.types.ts';
import type { WorkerStart } from './wire.ts';
import { HOME } from './workspace.ts';

const hasTokens = (text: string): boolean => text.includes('{{token:');

/** ms that a template's clock may be behind: a sandbox catches up with the rest when it is made, and that has to take no time. */
const TEMPLATE_LAG_MS = 5 * 60_000;
/** Beyond this booting anew is quicker than letting the time pass. */
const TEMPLATE_AGE_MS = 30 * 60_000;

export function createSource(start: WorkerStart): SandboxSource {
	return start.provider === 'kubeconfig' ? new KubeconfigSource(start.kubeconfig ?? '') : new SimulatorSource(start);
}

class SimulatorSource implements SandboxSource {
	private readonly system: System = buildSystem('full');
	private readonly templates = new Map<string, Template>();
	private readonly settings: WorkerStart;

	constructor(settings: WorkerStart) {
		this.settings = settings;
	}

	async open(request: SandboxRequest): Promise<{ readonly sandbox: HostedSandbox; readonly resumed: boolean }> {
		const folder = join(request.folder, 'sandbox');
		const options = {
			id: request.id,
			folder,
			onFault: request.onFault,
			...(request.onBusy === undefined ? {} : { onBusy: request.onBusy }),
			...(this.settings.speed === undefined ? {} : { speed: this.settings.speed }),
		};
		if (SimulatorSandbox.exists(folder)) return { sandbox: SimulatorSandbox.resume(options, this.system), resumed: true };
		return { sandbox: await this.create(request.lab, request.seed, options), resumed: false };
	}

	/** Kept nowhere: for comparing with. */
	start(lab: LoadedLab, seed: number): Promise<HostedSandbox> {
		return this.create(lab, seed, { id: `start-of-${lab.definition.id}` });
	}

	private async create(lab: LoadedLab, seed: number, options: SimulatorSandboxOptions): Promise<SimulatorSandbox> {
		const sandbox = await SimulatorSandbox.create(this.template(lab), { ...options, templates: this.settings.templates, now: Date.now() });
		// What holds the learner's own tokens cannot come from a template that all share.
		const own = lab.files.filter((file) => hasTokens(file.content));
		for (const file of own) await sandbox.files.write(`${HOME}/${file.path}`, fillTokens(file.content, seed));
		const manifests = lab.clusterManifests.filter(hasTokens).map((text) => fillTokens(text, seed));
		if (manifests.length > 0) applyManifests((wire) => sandbox.cluster.handle(wire), manifests);
		return sandbox;
	}

	warm(lab: LoadedLab): void {
		void this.template(lab).snapshotFile(this.settings.templates);
	}

	private template(lab: LoadedLab): Template {
		const { id, hosts, gpus, hardware, startSettle } = lab.definition;
		const held = this.templates.get(id);
		if (held !== undefined && held.behindMs < TEMPLATE_AGE_MS) {
			if (held.behindMs < TEMPLATE_LAG_MS) return held;
			const later = held.later();
			this.templates.set(id, later);
			return later;
		}
		const template = Template.build(
			{
				hosts,
				gpus,
				prepareMs: startSettle * 1000,
				prepare: (simulator) => {
					simulator.apply({ at: simulator.now, kind: 'file', op: { op: 'mkdir', path: HOME } });
					for (const file of lab.files.filter((f) => !hasTokens(f.content))) {
						simulator.apply({ at: simulator.now, kind: 'file', op: { op: 'write', path: `${HOME}/${file.path}`, content: file.content } });
					}
					applyManifests(
						(wire) => simulator.apply({ at: simulator.now, kind: 'request', request: wire }).response,
						lab.clusterManifests.filter((text) => !hasTokens(text)),
						() => simulator.apply({ at: simulator.now + NAMESPACE_SETTLE_MS, kind: 'tick' }),
					);
					for (const { node, card, xid } of hardware) {
						const { done } = simulator.apply({ at: simulator.now, kind: 'fault', fault: 'gpu-xid', node, card, xid });
						if (done !== true) throw new Error(`lab ${id}: ${node} has no card ${card}`);
					}
					simulator.apply({ at: simulator.now + startSettle * 1000, kind: 'tick' });
				},
			},
			this.system,
		);
		this.templates.set(id, template);
		return template;
	}
}

class KubeconfigSource implements SandboxSource {
	private readonly path: string;

	constructor(path: string) {
		this.path = path;
	}

	async open(request: SandboxRequest): Promise<{ readonly sandbox: HostedSandbox; readonly resumed: boolean }> {
		await this.checkGpus(request.lab);
		const opened = await KubeconfigSandbox.open({
			id: request.id,
			kubeconfig: this.path,
			folder: join(request.folder, 'workstation'),
			files: request.lab.files.map((file) => ({ ...file, content: fillTokens(file.content, request.seed) })),
			hosts: request.lab.definition.hosts,
			onFault: request.onFault,
		});
		if (!opened.resumed) await this.prepare(opened.sandbox, request);
		return opened;
	}

	/** Nobody can lend a cluster GPUs: better said now, with nothing begun, than seen as pods that never start. */
	private async checkGpus({ definition }: LoadedLab): Promise<void> {
		if (definition.gpus === undefined) return;
		const endpoint = await RealEndpoint.load(this.path);
		try {
			const why = await missingGpus(endpoint, definition.gpus);
			if (why !== undefined) throw fault('lab-gpus-missing', { lab: definition.id, why });
		} finally {
			await endpoint.close();
		}
	}

	/** Puts what stands in the lab's cluster from the start into a cluster that somebody has: created, or merged over what is there. */
	private async prepare(sandbox: HostedSandbox, request: SandboxRequest): Promise<void> {
		const objects = request.lab.clusterManifests.flatMap((text) =>
			parseAllDocuments(fillTokens(text, request.seed), { version: '1.1' }).map((d) => (d as { toJS(): unknown }).toJS()),
		);
		try {
			await applyObjects(
				sandbox.cluster,
				objects.filter((o) => o !== null),
				sandbox.clock.advance,
			);
		} catch (error) {
			await sandbox.dispose();
			throw error;
		}
	}

	warm(): void {}
}
