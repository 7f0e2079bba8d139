/**
 * A sandbox: one learner's cluster and workstation, whoever provides it. The cluster is reached by HTTP alone
 * (`ClusterEndpoint`), whether it is simulated or real; what a provider can't do it says in `capabilities`.
 */
import type { FileInput } from '../simulator/inputs.ts';
import type { HttpResponse, Outcome } from '../simulator/network/types.ts';

/** Kubernetes' channel protocol (`v4.channel.k8s.io`) over whatever carries it. */
export interface ChannelSocket {
	/** Channel 0 is stdin (`STDIN_CLOSED` with the byte 0 ends it), 4 takes `{"Width":…,"Height":…}`. Port-forward: channel 0 is the data of the first port. */
	send(channel: number, data: Uint8Array): void;
	onMessage(listener: (channel: number, data: Uint8Array) => void): void;
	/** Called once. On exec the last message on channel 3 was a Status with the exit code. */
	onClose(listener: () => void): void;
	close(): void;
}

/** `v5.channel.k8s.io`'s close channel: its one byte of data names the channel that is closed. */
export const STDIN_CLOSED = 255;

/** The one seam: the Kubernetes HTTP API. URLs are absolute; host and credentials are the endpoint's business, so `http://cluster/api/v1/…` will do. */
export interface ClusterEndpoint {
	fetch(request: Request): Promise<Response>;
	/** exec, attach, port-forward: a request with the subresource's URL. Rejects with `ClusterRefusal` where the server answers an error. */
	connect(request: Request): Promise<ChannelSocket>;
}

/** The API server refused a `connect`: its answer, as fetched. */
export class ClusterRefusal extends Error {
	readonly response: Response;
	constructor(response: Response) {
		super(`the cluster answered ${response.status}`);
		this.response = response;
	}
}

export interface NetworkRequest {
	readonly method: string;
	/** `http://host[:port]/path`; https where the host serves it. */
	readonly url: string;
	readonly headers?: { readonly [name: string]: string };
	readonly body?: string;
	/** ms of the sandbox's clock. */
	readonly timeoutMs?: number;
	readonly connectTimeoutMs?: number;
	/** Address for a host name, as curl's --resolve. */
	readonly resolve?: { readonly [host: string]: string };
	/** From inside a pod's network instead of the workstation's: needs `capabilities.podNetwork`. */
	readonly fromPod?: { readonly namespace: string; readonly name: string };
	/** Speaks bare TCP: connect, and close. The url's scheme is then `tcp:`. */
	readonly signal?: AbortSignal;
	/**
	 * Given the body of an answer that is sent piece by piece, as it comes, with its time on the sandbox's clock; `''` once for the head
	 * alone. The result's body is whole all the same.
	 */
	readonly onPiece?: (text: string, head: HttpResponse, atMs: number) => void;
}

/** An HTTP exchange's result, or how it failed (errno names). `elapsedMs` is of the sandbox's clock. */
export type NetworkResult = Outcome & {
	readonly elapsedMs: number;
	/** Until the first of a piecewise answer's body was there. */
	readonly firstByteMs?: number;
};

export interface LoadSpec {
	readonly request: NetworkRequest;
	readonly perSecond: number;
	readonly durationMs: number;
}
export interface LoadResult {
	readonly sent: number;
	readonly failed: number;
	/** Distinct failures with their counts: `HTTP 502`, `ECONNREFUSED`… */
	readonly failures: { readonly [what: string]: number };
	readonly latencyMs: { readonly p50: number; readonly p95: number; readonly max: number };
}

export interface SandboxNetwork {
	request(request: NetworkRequest): Promise<NetworkResult>;
	/** Sends requests at a steady rate; `during` runs beside them once the first tenth is through. */
	load(spec: LoadSpec, during?: () => Promise<void>): Promise<LoadResult>;
}

export interface WorkstationFile {
	readonly path: string;
	readonly kind: 'file' | 'directory' | 'symlink';
	readonly size: number;
	readonly mode: number;
	/** ms since the epoch, the sandbox's clock. */
	readonly mtime: number;
}

/** The workstation's files. Paths are absolute; the learner's home is `/home/learner`. Acknowledged means durable. */
export interface WorkstationFiles {
	read(path: string): Promise<string | undefined>;
	write(path: string, content: string, options?: { readonly mode?: number }): Promise<void>;
	remove(path: string): Promise<void>;
	list(under: string): Promise<readonly WorkstationFile[]>;
	/** One entry as it lies there (symlinks are not followed); content is text, latin-1 where `binary`. */
	entry(path: string): Promise<(WorkstationFile & { readonly content: string; readonly binary: boolean }) | undefined>;
	/** Any other change: directories, modes, symlinks, times. Parents of a written path are made as needed. */
	change(op: FileInput): Promise<void>;
	/** Called after every change, with the path. Returns the way to stop it. */
	watch(listener: (path: string) => void): () => void;
}

/** What a measuring command found: `vllm bench serve`, `guidellm`. */
export interface MeasuredRun {
	/** As the learner labelled it. */
	readonly label: string;
	/** Name with unit → value: `median_ttft_ms`, `request_throughput`. */
	readonly figures: { readonly [name: string]: number };
}

export interface CommandRecord {
	/** ms since the epoch, the sandbox's clock. */
	readonly at: number;
	readonly terminal: string;
	readonly line: string;
	readonly exitCode: number;
	/** What the line measured, where it did. */
	readonly measured?: readonly MeasuredRun[];
}

export interface SandboxJournal {
	commands(): Promise<readonly CommandRecord[]>;
	/** Audit events of the API server (audit.k8s.io/v1), oldest first. */
	audit(): Promise<readonly { readonly [field: string]: unknown }[]>;
}

export interface MetricSample {
	readonly name: string;
	readonly labels: { readonly [label: string]: string };
	readonly value: number;
}

export interface SandboxMetrics {
	/** Current value of each series with this name (and these labels): what a scrape of the cluster's pods and kubelets would hold. */
	read(name: string, labels?: { readonly [label: string]: string }): Promise<readonly MetricSample[]>;
}

export interface SandboxClock {
	/** ms since the epoch. */
	now(): number;
	/** Lets time pass: at once in a simulated fork, by waiting elsewhere; returns early when the signal fires. */
	advance(ms: number, signal?: AbortSignal): Promise<void>;
	/**
	 * Where time is virtual: lets it pass as fast as it can be computed until the returned function is called, for whoever only waits for
	 * the end (a benchmark of many minutes). What happens is what would have happened. Undefined where time is real.
	 */
	hurry?(): () => void;
}

export interface Capabilities {
	/** Copies of the whole sandbox that can be broken without harm. */
	readonly fork: boolean;
	readonly rewind: boolean;
	/** Time that can be made to pass at once. */
	readonly virtualTime: boolean;
	/** Requests from inside a pod's network without an exec. */
	readonly podNetwork: boolean;
}

/** Breaks and repairs what no API can. For drills, graders and provers; nothing of it is within a learner's reach. */
export interface SandboxFaults {
	/** Makes a node's card (counted from 0) fail with the driver's Xid, at once. Rejects where there is no such card. */
	failCard(node: string, card: number, xid: number): Promise<void>;
}

export interface Sandbox {
	readonly id: string;
	readonly provider: 'simulator' | 'kubeconfig';
	readonly capabilities: Capabilities;
	readonly cluster: ClusterEndpoint;
	readonly network: SandboxNetwork;
	readonly files: WorkstationFiles;
	readonly journal: SandboxJournal;
	readonly metrics: SandboxMetrics;
	readonly clock: SandboxClock;
	/** Undefined where the provider's hardware is real. */
	readonly faults?: SandboxFaults;
	/** A copy whose time stands still but for `clock.advance` and requests under way. Rejects with `NotCapable` where the provider can't. Dispose it. */
	fork(): Promise<Sandbox>;
	dispose(): Promise<void>;
}

/** A provider was asked for what its `capabilities` deny. */
export class NotCapable extends Error {
	constructor(provider: string, what: string) {
		super(`the ${provider} provider cannot ${what}`);
	}
}
