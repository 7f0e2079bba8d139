/**
 * A simulated cluster with its workstation, seen from outside: inputs go in through `apply`, answers and cursors come out.
 * This file puts the rooms together; it is the only one here that imports them all.
 */
import { createApiServer } from './apiserver/apiserver.ts';
import type { ApiResponse } from './apiserver/wire.ts';
import { admissionPlugins } from './apiserver/admission/plugins.ts';
import { completeAudit } from './apiserver/audit/audit.ts';
import { reloadControlPlaneFile } from './apiserver/config/control-plane.ts';
import { resources } from './apiserver/registry/resources.ts';
import { compactLogs } from './apiserver/registry/store.ts';
import { packLogs, unpackLogs } from './apiserver/registry/log-packing.ts';
import { bootRoom } from './boot/boot.ts';
import { controllerRoom } from './controllers/controllers.ts';
import { applyFault } from './gpu/faults.ts';
import { gpuRoom } from './gpu/room.ts';
import { changeHostFile, hostFile } from './hosts/files.ts';
import { addNote } from './hosts/notes.ts';
import { imageRegistry } from './images/registry.ts';
import type { Input, InputResult } from './inputs.ts';
import { initialState, type State } from './kernel/state.ts';
import { type Behaviour, type TimerHandler, World } from './kernel/world.ts';
import { logApiServer } from './kubelet/api-server-log.ts';
import { createKubelet } from './kubelet/kubelet.ts';
import { readStream, removeStream, type StreamChunk } from './kubelet/streams.ts';
import { callOutcome, callPieces, createNetwork, forgetCall } from './network/network.ts';
import type { Outcome, TimedPiece } from './network/types.ts';
import { schedulerRoom } from './scheduler/scheduler.ts';
import type { ApiServer, BootOptions, KubeletApi, Room, Services, WatchCursor } from './services.ts';
import type { AdmissionPlugin, Change } from './apiserver/types.ts';
import type { NetworkApi } from './network/types.ts';

/** The behaviour of every simulated cluster of this process: stateless, built once, shared. */
export interface System {
	readonly services: Services;
	readonly rooms: readonly Room[];
	readonly behaviour: Behaviour;
}

export interface BootRequest extends Partial<BootOptions> {
	readonly seed: number;
	/** Virtual time at power-on, ms since the epoch. */
	readonly now: number;
	/** How long the cluster has settled before it is handed over, virtual ms. */
	readonly settleMs?: number;
}

/** A world in a form that JSON holds. Format 1 is the state as it runs; 2, from `compactSnapshot`, is smaller and has to be unpacked. */
export interface Snapshot {
	readonly format: 1 | 2;
	readonly state: State;
}

/** A snapshot as it is best written to JSON: about half the text, and restoring it shares again what the world shared. Costs what the change logs hold. */
export function compactSnapshot(snapshot: Snapshot): Snapshot {
	return snapshot.format === 2 ? snapshot : { format: 2, state: packLogs(snapshot.state) };
}

/** Builds the rooms. `profile` 'apiserver' leaves out scheduler and kubelet. */
export function buildSystem(profile: BootOptions['profile'] = 'full'): System {
	const parts: { api?: ApiServer; network?: NetworkApi; kubelet?: KubeletApi; admission?: readonly AdmissionPlugin[] } = {};
	const built = <T>(part: T | undefined, name: string): T => {
		if (part === undefined) throw new Error(`${name} was used while the simulator's rooms were being built`);
		return part;
	};
	const services: Services = {
		get api() {
			return built(parts.api, 'api');
		},
		get network() {
			return built(parts.network, 'network');
		},
		get kubelet() {
			return built(parts.kubelet, 'kubelet');
		},
		get admission() {
			return built(parts.admission, 'admission');
		},
		images: imageRegistry,
	};
	const rooms: Room[] = [];
	const onChange = (world: World, change: Change): void => {
		for (const room of rooms) room.onChange?.(world, change);
	};
	parts.admission = admissionPlugins(services);
	const apiserver = createApiServer(services, resources(services), onChange);
	parts.api = apiserver.api;
	const network = createNetwork(services);
	parts.network = network.network;
	const kubelet = createKubelet(services);
	parts.kubelet = kubelet.kubelet;
	rooms.push(apiserver.room, bootRoom(services), network.room, controllerRoom(services));
	if (profile === 'full') rooms.push(schedulerRoom(services), kubelet.room, gpuRoom(services));
	const timers = new Map<string, TimerHandler>();
	for (const room of rooms) {
		for (const [kind, handler] of Object.entries(room.timers ?? {})) {
			if (timers.has(kind)) throw new Error(`two rooms register the timer kind "${kind}"`);
			timers.set(kind, handler);
		}
	}
	return { services, rooms, behaviour: { timers } };
}

export class Simulator {
	readonly world: World;
	readonly system: System;

	constructor(world: World, system: System) {
		this.world = world;
		this.system = system;
	}

	/** Powers a new cluster on. With the same request it is the same cluster, byte for byte. */
	static boot(request: BootRequest, system: System = buildSystem(request.profile)): Simulator {
		const world = new World(initialState(request.seed, request.now), system.behaviour);
		const { workers = 2, profile = 'full', hosts = [], gpus = [] } = request;
		const options: BootOptions = { workers, profile, hosts, gpus, ...(request.authority === undefined ? {} : { authority: request.authority }) };
		for (const room of system.rooms) room.boot?.(world, options);
		world.advanceTo(request.now + (request.settleMs ?? 60_000));
		// How the cluster came up is of no use to anyone, and weighs more than what came of it.
		compactLogs(world);
		return new Simulator(world, system);
	}

	/** Goes on from a snapshot of either format. Throws where a packed one is damaged. */
	static restore(snapshot: Snapshot, system: System): Simulator {
		const state = snapshot.format === 2 ? unpackLogs(snapshot.state) : snapshot.state;
		return new Simulator(new World(state, system.behaviour), system);
	}

	get now(): number {
		return this.world.now;
	}

	/** When something will happen next by itself, ms since the epoch. */
	nextDue(): number | undefined {
		return this.world.nextDue();
	}

	/** The one way in. Moves the clock to `input.at` (never back), then applies the input. */
	apply(input: Input): InputResult {
		const world = this.world;
		world.advanceTo(input.at);
		switch (input.kind) {
			case 'tick':
				return {};
			case 'request':
				return { response: this.system.services.api.handle(world, input.request) };
			case 'dial':
				this.system.services.network.dial(world, input.dial, { kind: 'call', id: input.id });
				return {};
			case 'abort':
				forgetCall(world, input.id);
				return {};
			case 'stream':
				this.system.services.kubelet.streamInput(world, input.id, input.op);
				if (input.op.op === 'close') {
					removeStream(world, input.id);
					completeAudit(world, input.id);
				}
				return {};
			case 'file':
				changeHostFile(world, input.op);
				this.reload(input.op.path);
				return {};
			case 'note':
				addNote(world, input.topic, input.value);
				return {};
			case 'fault':
				return { done: applyFault(world, this.system.services, input) };
			case 'reseed':
				world.state = { ...world.state, random: input.seed >>> 0 };
				return {};
		}
	}

	/** The control plane's configuration files are among the workstation's; what becomes of a new one stands in kube-apiserver's log. */
	private reload(path: string): void {
		const said = reloadControlPlaneFile(this.world, path, hostFile(this.world, path)?.content);
		if (said !== undefined) logApiServer(this.world, this.system.services, said);
	}

	/** Outcome of a dial that came in as input, once it is there; `abort` with its id drops it. */
	outcome(id: string): Outcome | undefined {
		return callOutcome(this.world, id);
	}

	/** What of a streamed dial's body has come after its head, so far. */
	pieces(id: string): readonly TimedPiece[] {
		return callPieces(this.world, id);
	}

	openWatch(watch: NonNullable<ApiResponse['watch']>): WatchCursor {
		return this.system.services.api.openWatch(watch);
	}

	readStream(id: string, cursor: number): { readonly chunks: readonly StreamChunk[]; readonly cursor: number; readonly done: boolean } {
		return readStream(this.world, id, cursor);
	}

	/** O(1): shares everything until either side changes. */
	fork(): Simulator {
		return new Simulator(this.world.fork(), this.system);
	}

	snapshot(): Snapshot {
		return { format: 1, state: this.world.state };
	}
}
