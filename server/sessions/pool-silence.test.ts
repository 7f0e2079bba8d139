import { EventEmitter } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import { Pool } from './pool.ts';

const threads = vi.hoisted(() => ({ made: [] as EventEmitter[] }));
vi.mock('node:worker_threads', () => ({
	Worker: class extends EventEmitter {
		constructor() {
			super();
			threads.made.push(this);
		}
		postMessage({ id }: { readonly id: number }): void {
			this.emit('message', { answer: id, value: null });
		}
		async terminate(): Promise<void> {}
	},
}));

afterEach(() => {
	vi.useRealTimers();
});

it('replaces a worker that has not beaten for LIMITS.workerSilenceMs, at the next of its looks every LIMITS.heartbeatMs', async () => {
	vi.useFakeTimers();
	const replaced: string[] = [];
	const pool = new Pool({
		start: { parts: '', labs: '', templates: '', provider: 'simulator' },
		size: 1,
		onEvent: () => {},
		onReplaced: (_worker, why) => replaced.push(why),
		log: () => {},
	});
	threads.made[0]?.emit('message', { ready: true });
	await pool.ready();
	for (let beats = 0; beats < 2 * (LIMITS.workerSilenceMs / LIMITS.heartbeatMs); beats++) {
		await vi.advanceTimersByTimeAsync(LIMITS.heartbeatMs);
		threads.made[0]?.emit('message', { beat: true });
	}
	await vi.advanceTimersByTimeAsync(LIMITS.workerSilenceMs - LIMITS.heartbeatMs);
	expect(threads.made).toHaveLength(1);
	await vi.advanceTimersByTimeAsync(LIMITS.heartbeatMs);
	expect(threads.made).toHaveLength(2);
	threads.made[1]?.emit('message', { ready: true });
	await vi.advanceTimersByTimeAsync(0);
	expect(replaced).toEqual([`it had not answered for ${LIMITS.workerSilenceMs / 1000} s`]);
	await pool.stop();
});
