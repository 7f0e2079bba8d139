/**
 * How the simulator's rooms reach one another. `simulator.ts` builds every room with the same `Services` and fills it;
 * a room uses it inside its handlers only, never while it is being built.
 */
import type { ApiClient } from './apiserver/client.ts';
import type { GpuPool } from './gpu/pools.ts';
import type { AdmissionPlugin, ApiCall, ApiResult, Change, KubeObject, Strategy, UserInfo, WatchEvent } from './apiserver/types.ts';
import type { ApiResponse, ApiWireRequest } from './apiserver/wire.ts';
import type { TimerHandler } from './kernel/world.ts';
import type { World } from './kernel/world.ts';
import type { Connection, HttpResponse, NetworkApi, Outcome, Piece, Request } from './network/types.ts';
import type { Image } from './images/program.ts';
import type { StreamInput } from './inputs.ts';

/** What a room adds to a simulator. */
export interface Room {
	readonly timers?: { readonly [kind: string]: TimerHandler };
	/** Called after every commit to the store, in the order of rooms; schedules work, changes nothing else. */
	readonly onChange?: (world: World, change: Change) => void;
	/** Runs once when a cluster is booted, in the order of rooms: creates what stands there from the start. */
	readonly boot?: (world: World, options: BootOptions) => void;
}

export interface BootOptions {
	/** Worker nodes besides the control plane. */
	readonly workers: number;
	/** 'apiserver' has no scheduler, kubelet or system pods. */
	readonly profile: 'full' | 'apiserver';
	/** The certificate authority; one that all such clusters share where left out. */
	readonly authority?: { readonly certificate: string; readonly key: string };
	/** Host names that resolve to the ingress address outside the cluster. */
	readonly hosts: readonly string[];
	/** Pools of GPU nodes besides; with any of them the GPU Operator stands in the cluster. */
	readonly gpus?: readonly GpuPool[];
}

export interface ApiServer {
	/** The whole way: path, authentication, authorisation, decoding, handler. Never throws for a bad request. */
	handle(world: World, request: ApiWireRequest): ApiResponse;
	/** The same from a call that is taken apart already; authorises `call.user`. */
	call(world: World, call: ApiCall): ApiResult;
	/** A client that acts as `user` and skips the wire. */
	client(user: UserInfo): ApiClient;
	/** Reads on from a watch: what it has to send now. */
	openWatch(watch: NonNullable<ApiResponse['watch']>): WatchCursor;
	readonly strategies: readonly Strategy[];
	/** Those and the custom resources that the world serves: one of each, in its storage version. */
	strategiesOf(world: World): readonly Strategy[];
}

/** A reader's place in a watch. Lives outside the state: reading changes nothing. */
export interface WatchCursor {
	/** Events since the last call, in order; after an ERROR event the watch is over (`done`). */
	next(world: World): readonly WatchEvent[];
	readonly done: boolean;
}

export interface ExecRequest {
	readonly container?: string;
	readonly command: readonly string[];
	readonly stdin: boolean;
	readonly stdout: boolean;
	readonly stderr: boolean;
	readonly tty: boolean;
}

/** What the kubelet offers to the API server (subresources), to the network and to the metrics API. */
export interface KubeletApi {
	/** `pods/exec`: a stream, or a Status (unknown container, pod not running) worded as upstream. */
	exec(world: World, pod: KubeObject, request: ExecRequest): ApiResult;
	attach(world: World, pod: KubeObject, request: Omit<ExecRequest, 'command'>): ApiResult;
	/** `pods/log`: text, or a stream with follow. Options as in the query (container, follow, previous, tailLines, sinceSeconds, timestamps, limitBytes). */
	log(world: World, pod: KubeObject, query: { readonly [name: string]: readonly string[] }): ApiResult;
	portForward(world: World, pod: KubeObject, ports: readonly number[]): ApiResult;
	/** Input from a stream's far side. */
	streamInput(world: World, streamId: string, input: StreamInput): void;
	/** The network hands a request to the process that listens. */
	deliverRequest(world: World, container: string, pid: number, connection: Connection, request: Request): void;
	/** The network hands an outcome to the process that dialled. */
	deliverReply(world: World, container: string, pid: number, token: string, outcome: Outcome): void;
	/** The network hands a piece of an open response to the process that dialled. */
	deliverPiece(world: World, container: string, pid: number, token: string, piece: Piece): void;
	/** The network tells a server that the client of a connection is gone before its answer was. */
	deliverHangup(world: World, container: string, pid: number, connectionId: string): void;
	/** What the kubelet of `node` answers to a GET of `path` on its own port; undefined where none listens. */
	answer(world: World, node: string, path: string): HttpResponse | undefined;
	/** Use now, by container name: CPU in millicores over the last metrics window, working set in bytes. Undefined where the pod doesn't run. */
	usage(world: World, podUid: string): { readonly [container: string]: { readonly cpuMilli: number; readonly memoryBytes: number } } | undefined;
}

export interface Services {
	readonly api: ApiServer;
	readonly network: NetworkApi;
	readonly kubelet: KubeletApi;
	/** Finds an image by its reference as written in a pod; says why a pull fails else, in containerd's words. */
	readonly images: { pull(reference: string): { readonly image: Image; readonly imageID: string; readonly normalised: string } | { readonly error: string } };
	readonly admission: readonly AdmissionPlugin[];
}

/** User names of the control plane's parts. */
export const SYSTEM_USERS = {
	admin: {
		name: 'kubernetes-admin',
		groups: ['kubeadm:cluster-admins', 'system:masters', 'system:authenticated'],
		// Of a client certificate the authenticator tells the digest.
		extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=8b1f6c0e7a5d4293b0c8e1f27d6a9453c2e07b8f1d3a6590e4c7b2f8a1d05e63'] },
	},
	scheduler: { name: 'system:kube-scheduler', groups: ['system:authenticated'] },
	controllerManager: { name: 'system:kube-controller-manager', groups: ['system:authenticated'] },
	/** Control-plane parts that need no authorisation of their own in the simulator. */
	loopback: { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] },
	node: (name: string): UserInfo => ({ name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] }),
	account: (namespace: string, name: string): UserInfo => ({
		name: `system:serviceaccount:${namespace}:${name}`,
		groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
	}),
	controller: (name: string): UserInfo => ({
		name: `system:serviceaccount:kube-system:${name}-controller`,
		groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
	}),
} as const;
