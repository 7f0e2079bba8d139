/** The page's end of the schema worker. */
import type { Answered, Asked, Question, Questions, Start } from './wire.ts';

export class SchemaClient {
	private readonly worker: Worker;
	private readonly waiting = new Map<number, (value: unknown) => void>();
	private readonly listeners = new Set<() => void>();
	private asked = 0;

	constructor(lab: string) {
		this.worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
		this.worker.addEventListener('message', (event: MessageEvent<Answered>) => {
			this.waiting.get(event.data.id)?.(event.data.value);
			this.waiting.delete(event.data.id);
		});
		this.worker.postMessage({ base: `${location.origin}/api/labs/${encodeURIComponent(lab)}/cluster` } satisfies Start);
	}

	ask<Q extends Question>(question: Q, input: Questions[Q][0]): Promise<Questions[Q][1]> {
		this.asked += 1;
		const id = this.asked;
		return new Promise((resolve) => {
			this.waiting.set(id, resolve as (value: unknown) => void);
			this.worker.postMessage({ id, question, input } satisfies Asked);
		});
	}

	/** Called when the cluster serves other kinds than before. */
	onChange(listener: () => void): () => void {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	/** Looks at once whether it does. */
	refresh(): void {
		void this.ask('refresh', {}).then((changed) => {
			if (changed) for (const listener of this.listeners) listener();
		});
	}

	dispose(): void {
		this.worker.terminate();
	}
}
