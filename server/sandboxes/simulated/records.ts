/** Commands and audit events of a simulated sandbox. */
import { auditEvents } from '../../simulator/apiserver/audit/audit.ts';
import { notesOf } from '../../simulator/hosts/notes.ts';
import type { CommandRecord, SandboxJournal } from '../sandbox.ts';
import type { SimHost } from './host.ts';

export const COMMAND_TOPIC = 'command';

export class SimulatedJournal implements SandboxJournal {
	private readonly host: SimHost;

	constructor(host: SimHost) {
		this.host = host;
	}

	async commands(): Promise<readonly CommandRecord[]> {
		return notesOf(this.host.simulator.world, COMMAND_TOPIC).map((note) => note.value as CommandRecord);
	}

	async audit(): Promise<readonly { readonly [field: string]: unknown }[]> {
		return auditEvents(this.host.simulator.world).map((event) => ({ ...event }));
	}
}
