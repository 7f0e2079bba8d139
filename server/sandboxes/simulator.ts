/** The simulated provider: a cluster and workstation in this process, instant, forkable, kept by its journal of inputs. */
import { randomInt } from 'node:crypto';
import type { UserInfo } from '../simulator/apiserver/types.ts';
import { SYSTEM_USERS } from '../simulator/services.ts';
import { buildSystem, type Simulator, type System } from '../simulator/simulator.ts';
import type { Capabilities, CommandRecord, Sandbox, SandboxClock, SandboxFaults, SandboxJournal, SandboxMetrics } from './sandbox.ts';
import type { HostedSandbox } from './hosted.ts';
import { SimulatedCheckpoints } from './simulated/checkpoints.ts';
import { SimulatedEndpoint } from './simulated/endpoint.ts';
import { SimulatedFiles } from './simulated/files.ts';
import { ForkHost, LiveHost, type SimHost } from './simulated/host.ts';
import { hasJournal, JournalWriter, resumeJournal } from './simulated/journal.ts';
import { SimulatedMetrics } from './simulated/metrics.ts';
import { SimulatedNetwork } from './simulated/network.ts';
import { COMMAND_TOPIC, SimulatedJournal } from './simulated/records.ts';
import type { Template } from './simulated/template.ts';

const CAPABILITIES: Capabilities = { fork: true, rewind: true, virtualTime: true, podNetwork: true };

/** What live sandbox and fork have in common. */
abstract class Simulated implements Sandbox {
	readonly id: string;
	readonly provider = 'simulator';
	readonly capabilities = CAPABILITIES;
	readonly cluster: SimulatedEndpoint;
	/** Reads the cluster without a trace in its audit log or journal. */
	readonly observer: SimulatedEndpoint;
	readonly network: SimulatedNetwork;
	readonly files: SimulatedFiles;
	readonly journal: SandboxJournal;
	readonly metrics: SandboxMetrics;
	readonly clock: SandboxClock;
	readonly faults: SandboxFaults;
	protected readonly host: SimHost;

	constructor(id: string, host: SimHost, user: UserInfo = SYSTEM_USERS.admin) {
		this.id = id;
		this.host = host;
		this.cluster = new SimulatedEndpoint({ host, user });
		this.observer = new SimulatedEndpoint({ host, user: SYSTEM_USERS.loopback, aside: true });
		this.network = new SimulatedNetwork(host, this.observer);
		this.files = new SimulatedFiles(host);
		this.journal = new SimulatedJournal(host);
		this.metrics = new SimulatedMetrics(host);
		this.clock = {
			now: () => host.now(),
			advance: async (ms, signal) => {
				await host.waitFor(() => false, host.now() + ms, signal);
			},
			hurry: () => host.hurry(),
		};
		this.faults = {
			async failCard(node, card, xid) {
				if (host.apply({ kind: 'fault', fault: 'gpu-xid', node, card, xid }).done !== true) throw new Error(`${node} has no card ${card}`);
			},
		};
	}

	/** The simulator itself: for benchmarks and the server's own parts, never for checks. */
	get simulator(): Simulator {
		return this.host.simulator;
	}

	async fork(): Promise<SimulatorFork> {
		return new SimulatorFork(`${this.id}+`, new ForkHost(this.presentCopy()));
	}

	/** The clock may have run on since the last input: the copy starts at the same moment. */
	protected presentCopy(): Simulator {
		const copy = this.host.simulator.fork();
		copy.apply({ at: this.host.now(), kind: 'tick' });
		return copy;
	}

	abstract dispose(): Promise<void>;
}

export class SimulatorFork extends Simulated {
	private readonly forked: ForkHost;

	constructor(id: string, host: ForkHost) {
		super(id, host);
		this.forked = host;
	}

	async dispose(): Promise<void> {
		this.forked.close();
	}
}

export interface SimulatorSandboxOptions {
	readonly id: string;
	/** Folder of its own for journal and snapshots; nothing is kept without. */
	readonly folder?: string;
	/** Who calls through `cluster` without credentials of their own; the cluster's administrator where it isn't said. */
	readonly user?: UserInfo;
	/** Virtual seconds a real second. */
	readonly speed?: number;
	readonly onFault?: (error: unknown) => void;
	/** Told before (true) and after (false) the simulator computes. */
	readonly onBusy?: (busy: boolean) => void;
}

export class SimulatorSandbox extends Simulated implements HostedSandbox {
	/** Why part of the journal could not be read back, where so. */
	readonly damage: string | undefined;
	/** Inputs replayed to get here. */
	readonly replayed: number;
	/** Undefined where nothing is kept on disk. */
	readonly checkpoints: SimulatedCheckpoints | undefined;
	private readonly live: LiveHost;
	private readonly writer: JournalWriter | undefined;
	private readonly onFault: (error: unknown) => void;
	private disposed: Promise<void> | undefined;

	private constructor(
		simulator: Simulator,
		options: SimulatorSandboxOptions,
		writer?: JournalWriter,
		resumed?: { readonly replayed: number; readonly damage?: string },
	) {
		const onFault = options.onFault ?? (() => {});
		const host = new LiveHost(simulator, {
			...(writer === undefined ? {} : { journal: writer }),
			...(options.speed === undefined ? {} : { speed: options.speed }),
			onFault,
			...(options.onBusy === undefined ? {} : { onBusy: options.onBusy }),
		});
		super(options.id, host, options.user);
		this.live = host;
		this.writer = writer;
		this.onFault = onFault;
		this.damage = resumed?.damage;
		this.replayed = resumed?.replayed ?? 0;
		this.checkpoints = options.folder === undefined ? undefined : new SimulatedCheckpoints(options.folder, simulator.system, () => this.presentCopy());
		if (writer !== undefined) host.onMove(() => this.rotateWhenDue());
	}

	/**
	 * A new sandbox: a fork of the template with randomness of its own. `templates` is the folder where the template's snapshot lies, `now`
	 * what its clock shows at the beginning (ms since the epoch; no earlier than the template's).
	 */
	static async create(
		template: Template,
		options: SimulatorSandboxOptions & { readonly seed?: number; readonly templates?: string; readonly now?: number },
	): Promise<SimulatorSandbox> {
		let writer: JournalWriter | undefined;
		if (options.folder !== undefined) {
			writer = await JournalWriter.create(options.folder, await template.snapshotFile(options.templates ?? options.folder));
		}
		const simulator = template.simulator.fork();
		// In the journal this is the time of the first input: a replay lets the same time pass before it.
		if (options.now !== undefined && options.now > simulator.now) simulator.apply({ at: options.now, kind: 'tick' });
		const sandbox = new SimulatorSandbox(simulator, options, writer);
		sandbox.host.apply({ kind: 'reseed', seed: options.seed ?? randomInt(2 ** 32 - 1) });
		return sandbox;
	}

	static exists(folder: string): boolean {
		return hasJournal(folder);
	}

	/** Brings a sandbox back from its folder. Throws where not even a snapshot can be read. */
	static resume(options: SimulatorSandboxOptions & { readonly folder: string }, system: System = buildSystem()): SimulatorSandbox {
		const { simulator, writer, replayed, damage } = resumeJournal(options.folder, system);
		return new SimulatorSandbox(simulator, options, writer, { replayed, ...(damage === undefined ? {} : { damage }) });
	}

	hold(): () => void {
		return this.live.hold();
	}

	async recordCommand(record: CommandRecord): Promise<void> {
		this.host.apply({ kind: 'note', topic: COMMAND_TOPIC, value: record });
	}

	/** Called after anything may have changed. Returns the way to stop it. */
	onMove(listener: () => void): () => void {
		return this.host.onMove(listener);
	}

	/** Ends it and closes its journal; `resume` brings it back. */
	dispose(): Promise<void> {
		this.disposed ??= this.end();
		return this.disposed;
	}

	private async end(): Promise<void> {
		this.live.close();
		if (this.writer === undefined) return;
		// A snapshot makes the next start quick; where the disk refuses it, snapshot and journal so far still say everything.
		await this.writer.rotate(this.host.simulator.snapshot()).catch((error: unknown) => this.onFault(error));
		await this.writer.close();
	}

	private rotateWhenDue(): void {
		if (this.writer?.due !== true) return;
		this.writer.rotate(this.host.simulator.snapshot()).catch((error: unknown) => this.onFault(error));
	}
}
