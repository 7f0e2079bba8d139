/** A cluster's audit events written to a file as they come, one JSON object a line: `--audit-log-path` with `--audit-log-format=json`. */
import { appendFileSync } from 'node:fs';
import { auditEventsSince } from '../../simulator/apiserver/audit/audit.ts';
import type { Simulator } from '../../simulator/simulator.ts';

interface Source {
	readonly simulator: Simulator;
	onMove(listener: () => void): () => void;
}

export class AuditLogFile {
	private next = 0;
	private readonly stop: () => void;
	private readonly source: Source;
	private readonly path: string;
	private readonly onFault: (error: unknown) => void;

	/** Starts with the events that are there. `onFault` hears of a file that can't be written and of events lost before they were. */
	constructor(source: Source, path: string, onFault: (error: unknown) => void) {
		this.source = source;
		this.path = path;
		this.onFault = onFault;
		this.flush();
		this.stop = source.onMove(() => this.flush());
	}

	private flush(): void {
		const { events, next, missed } = auditEventsSince(this.source.simulator.world, this.next);
		this.next = next;
		if (missed > 0) this.onFault(new Error(`${missed} audit events were dropped before they could be written to ${this.path}`));
		if (events.length === 0) return;
		try {
			appendFileSync(this.path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
		} catch (error) {
			this.onFault(error);
		}
	}

	close(): void {
		this.flush();
		this.stop();
	}
}
