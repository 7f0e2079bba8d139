/**
 * The provider for a cluster that exists already: whatever a kubeconfig reaches. The workstation's files and the record of
 * commands are kept as in the simulator (a world without a cluster in it); time is real, and nothing can be forked.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { initialState } from '../simulator/kernel/state.ts';
import { World } from '../simulator/kernel/world.ts';
import { buildSystem, Simulator } from '../simulator/simulator.ts';
import { writeDurably } from '../durable.ts';
import type { HostedSandbox } from './hosted.ts';
import { RealEndpoint } from './real/endpoint.ts';
import { RealNetwork } from './real/network.ts';
import { type Capabilities, type CommandRecord, NotCapable, type Sandbox, type SandboxClock, type SandboxJournal, type SandboxMetrics } from './sandbox.ts';
import { SimulatedFiles } from './simulated/files.ts';
import { LiveHost } from './simulated/host.ts';
import { hasJournal, JournalWriter, packSnapshot, resumeJournal } from './simulated/journal.ts';
import { COMMAND_TOPIC, SimulatedJournal } from './simulated/records.ts';

const CAPABILITIES: Capabilities = { fork: false, rewind: false, virtualTime: false, podNetwork: false };

export interface KubeconfigOptions {
	readonly id: string;
	/** Path; '' takes KUBECONFIG or ~/.kube/config. */
	readonly kubeconfig: string;
	/** Where the workstation's journal lies. */
	readonly folder: string;
	/** The learner's home at the start; relative paths. */
	readonly files?: readonly { readonly path: string; readonly content: string }[];
	/** Host names of the lab, and the address they lead to (default: FOOTHOLD_INGRESS of the environment). */
	readonly hosts?: readonly string[];
	readonly ingress?: string;
	readonly onFault?: (error: unknown) => void;
}

export class KubeconfigSandbox implements HostedSandbox {
	readonly id: string;
	readonly provider = 'kubeconfig';
	readonly capabilities = CAPABILITIES;
	readonly cluster: RealEndpoint;
	readonly observer: RealEndpoint;
	readonly network: RealNetwork;
	readonly files: SimulatedFiles;
	readonly journal: SandboxJournal;
	readonly metrics: SandboxMetrics;
	readonly clock: SandboxClock;
	readonly damage: string | undefined;
	private readonly host: LiveHost;
	private readonly writer: JournalWriter;
	private readonly onFault: (error: unknown) => void;

	private constructor(options: KubeconfigOptions, endpoint: RealEndpoint, host: LiveHost, writer: JournalWriter, damage?: string) {
		this.id = options.id;
		this.damage = damage;
		this.host = host;
		this.writer = writer;
		this.onFault = options.onFault ?? (() => {});
		this.cluster = endpoint;
		this.observer = endpoint;
		const ingress = options.ingress ?? process.env['FOOTHOLD_INGRESS'];
		this.network = new RealNetwork({ hosts: options.hosts ?? [], ...(ingress === undefined ? {} : { ingress }) });
		this.files = new SimulatedFiles(host);
		const records = new SimulatedJournal(host);
		this.journal = {
			commands: () => records.commands(),
			audit: () => Promise.reject(new NotCapable('kubeconfig', 'read the API server’s audit log')),
		};
		this.metrics = { read: () => Promise.reject(new NotCapable('kubeconfig', 'read the cluster’s metrics')) };
		this.clock = {
			now: () => Date.now(),
			advance: passing,
		};
		// Its files are dated by real time.
		host.hold();
		host.onMove(() => {
			if (writer.due) writer.rotate(host.simulator.snapshot()).catch((error: unknown) => options.onFault?.(error));
		});
	}

	/** Rejects with `kubeconfig-invalid`; whether the cluster answers shows at the first request. */
	static async open(options: KubeconfigOptions): Promise<{ readonly sandbox: KubeconfigSandbox; readonly resumed: boolean }> {
		const endpoint = await RealEndpoint.load(options.kubeconfig);
		const system = buildSystem('apiserver');
		if (hasJournal(options.folder)) {
			const { simulator, writer, damage } = resumeJournal(options.folder, system);
			simulator.apply({ at: Date.now(), kind: 'tick' });
			const host = new LiveHost(simulator, { journal: writer });
			return { sandbox: new KubeconfigSandbox(options, endpoint, host, writer, damage), resumed: true };
		}
		mkdirSync(options.folder, { recursive: true, mode: 0o700 });
		const simulator = new Simulator(new World(initialState(1, Date.now()), system.behaviour), system);
		const first = join(options.folder, 'first.json.gz');
		if (!existsSync(first)) await writeDurably(first, await packSnapshot(simulator.snapshot()));
		const writer = await JournalWriter.create(options.folder, first);
		const sandbox = new KubeconfigSandbox(options, endpoint, new LiveHost(simulator, { journal: writer }), writer);
		await sandbox.files.change({ op: 'mkdir', path: '/home/learner' });
		for (const file of options.files ?? []) await sandbox.files.write(`/home/learner/${file.path}`, file.content);
		return { sandbox, resumed: false };
	}

	hold(): () => void {
		return () => {};
	}

	async recordCommand(record: CommandRecord): Promise<void> {
		this.host.apply({ kind: 'note', topic: COMMAND_TOPIC, value: record });
	}

	fork(): Promise<Sandbox> {
		return Promise.reject(new NotCapable('kubeconfig', 'fork a sandbox'));
	}

	async dispose(): Promise<void> {
		this.host.close();
		await this.writer.rotate(this.host.simulator.snapshot()).catch((error: unknown) => this.onFault(error));
		await this.writer.close();
		await Promise.all([this.cluster.close(), this.network.close()]);
	}
}

/** Real time passes by itself. */
function passing(ms: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(end, ms);
		function end(): void {
			clearTimeout(timer);
			signal?.removeEventListener('abort', end);
			resolve();
		}
		if (signal?.aborted === true) end();
		else signal?.addEventListener('abort', end, { once: true });
	});
}
