/**
 * A small world to run image programs in without a kubelet: containers by name, a virtual clock, in-memory files and a
 * network in which a container's name is its address. For tests only.
 */
import { nextRandom } from '../../kernel/random.ts';
import type { Dial, Outcome, Piece, Request } from '../../network/types.ts';
import type { Image } from '../program.ts';
import { TestClock } from './clock.ts';
import { type ContainerOptions, TestContainer } from './container.ts';
import { TestNetwork } from './network.ts';
import type { Surroundings } from './running.ts';

export class TestWorld implements Surroundings {
	readonly clock: TestClock;
	readonly containers = new Map<string, TestContainer>();
	readonly network: TestNetwork;
	/** Puts every process's data through JSON after every handler. */
	roundTrip = true;
	/** Whether ports under 1024 need root, as outside pods. */
	privilegedPorts = true;
	private seed = 1;

	constructor(now = 1_795_197_600_000) {
		this.clock = new TestClock(now);
		this.network = new TestNetwork(this.clock, this.containers);
	}

	get now(): number {
		return this.clock.now;
	}

	random(): number {
		const step = nextRandom(this.seed);
		this.seed = step.state;
		return step.value;
	}

	run(name: string, image: Image | undefined, options: ContainerOptions = {}): TestContainer {
		if (image === undefined) throw new Error(`${name}: no such image`);
		const c = new TestContainer(this, name, image, options);
		this.containers.set(name, c);
		this.clock.advance(0);
		return c;
	}

	/** Lets virtual time pass, running what comes due. */
	advance(ms: number): void {
		this.clock.advance(ms);
	}

	/** Runs what comes due until something holds, for so many ms at the most. */
	until(done: () => boolean, maxMs: number): void {
		this.clock.until(done, maxMs);
	}

	/** Gives the dial's id; '' where it fails before there is a connection. */
	dial(from: string, dial: Omit<Dial, 'from'>, settle: (outcome: Outcome) => void, piece?: (piece: Piece) => void): string {
		return this.network.dial(from, dial, settle, piece);
	}

	/** One request from outside, and what came of it. */
	request(host: string, port: number, request: Request, timeoutMs = 60_000): Outcome {
		let outcome: Outcome | undefined;
		this.dial('', { host, port, request, timeoutMs }, (o) => {
			outcome = o;
		});
		this.until(() => outcome !== undefined, timeoutMs + 200_000);
		if (outcome === undefined) throw new Error(`no outcome from ${host}:${port}`);
		return outcome;
	}

	/** An HTTP request: its status and body, or the error's name. */
	http(
		host: string,
		port: number,
		method: string,
		path: string,
		body = '',
		headers: { readonly [name: string]: string } = {},
	): { readonly status: number; readonly body: string; readonly headers: { readonly [name: string]: string } } {
		const o = this.request(host, port, { protocol: 'http', method, path, headers: { host, ...headers }, body });
		if (!o.ok) return { status: 0, body: o.error, headers: {} };
		return o.response.protocol === 'http' ? o.response : { status: -1, body: '', headers: {} };
	}
}
