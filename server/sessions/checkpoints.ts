/** A session's checkpoints: which there are, what was done since each, and when to make one. `checkpoints.json` lists them, newest last. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../durable.ts';
import { diskFault, fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { Checkpoint, CheckpointReason } from '../protocol/messages.ts';
import type { HostedSandbox, SandboxCheckpoints } from '../sandboxes/hosted.ts';

interface Kept {
	readonly id: string;
	readonly reason: CheckpointReason;
	readonly name: string;
	/** ISO time on this machine, and ms on the sandbox's clock. */
	readonly savedAt: string;
	readonly at: number;
	readonly bytes: number;
	/** Command lines between the checkpoint before and this one. */
	readonly commands: readonly string[];
}

interface Index {
	readonly next: number;
	readonly checkpoints: readonly Kept[];
	/** Command lines since the last one. */
	readonly since: readonly string[];
}

export class Checkpoints {
	private readonly path: string;
	private readonly sandbox: HostedSandbox;
	private index: Index;
	private saving: Promise<unknown> = Promise.resolve();
	private lastSaved = performance.now();
	private dirty = false;

	/** `folder`: the session's own. */
	constructor(folder: string, sandbox: HostedSandbox) {
		this.path = join(folder, 'checkpoints.json');
		this.sandbox = sandbox;
		this.index = read(this.path);
	}

	get possible(): boolean {
		return this.sandbox.checkpoints !== undefined;
	}

	/** Oldest first. */
	list(): Checkpoint[] {
		const { checkpoints, since } = this.index;
		let after = [...since];
		const out: Checkpoint[] = [];
		for (const { id, reason, name, savedAt, at, commands } of checkpoints.toReversed()) {
			out.push({ id, reason, name, savedAt, at, commandsSince: after.length, lastCommands: after.slice(-5) });
			after = [...commands, ...after];
		}
		return out.reverse();
	}

	/** A command line was run, or something else done. True where a checkpoint is due. */
	activity(command?: string): boolean {
		if (!this.possible) return false;
		if (command !== undefined) {
			const line = command.length > 200 ? `${command.slice(0, 199)}…` : command;
			this.index = { ...this.index, since: [...this.index.since, line].slice(-LIMITS.checkpointCommands) };
		}
		this.dirty = true;
		return performance.now() - this.lastSaved >= LIMITS.checkpointEveryMs;
	}

	/** Makes one of the present; one after the other. An automatic one without anything new is left out. */
	save(reason: CheckpointReason, name: string): Promise<void> {
		const saved = this.saving.then(() => this.saveNow(reason, name));
		this.saving = saved.catch(() => {});
		return saved;
	}

	changes(id: string): ReturnType<SandboxCheckpoints['changes']> {
		this.known(id);
		return this.shelf().changes(id);
	}

	async remove(id: string): Promise<void> {
		this.known(id);
		await this.saving;
		await this.keep({ ...this.index, checkpoints: merged(this.index.checkpoints, id) });
		await this.shelf().remove(id);
	}

	/** After the sandbox's disposal: it comes back as it was then. */
	choose(id: string): void {
		this.shelf().choose(id);
	}

	/** Throws where there is none of this id, or no way back. */
	known(id: string): Kept {
		this.shelf();
		const found = this.index.checkpoints.find((c) => c.id === id);
		if (found === undefined) throw fault('checkpoint-unknown', { checkpoint: id });
		return found;
	}

	/** Once nothing is being saved any more. */
	async close(): Promise<void> {
		await this.saving;
		if (this.dirty) await this.keep(this.index);
	}

	private async saveNow(reason: CheckpointReason, name: string): Promise<void> {
		if (reason === 'start' && this.index.checkpoints.length > 0) return;
		if (reason === 'time' && !this.dirty) return;
		if (reason === 'hand' && this.index.checkpoints.filter((c) => c.reason === 'hand').length >= LIMITS.checkpointsNamed)
			throw fault('checkpoints-full', { limit: LIMITS.checkpointsNamed });
		const id = `c${this.index.next}`;
		this.dirty = false;
		this.lastSaved = performance.now();
		const at = this.sandbox.clock.now();
		const commands = this.index.since;
		// What is run while it is written happens after it.
		this.index = { ...this.index, since: [] };
		const bytes = await this.shelf()
			.save(id)
			.catch((error: unknown) => {
				this.index = { ...this.index, since: [...commands, ...this.index.since].slice(-LIMITS.checkpointCommands) };
				throw error;
			});
		const checkpoint: Kept = { id, reason, name, savedAt: new Date().toISOString(), at, bytes, commands };
		const { next, checkpoints, since } = this.index;
		const { kept, gone } = bounded([...checkpoints, checkpoint]);
		await this.keep({ next: next + 1, checkpoints: kept, since });
		for (const old of gone) await this.shelf().remove(old);
	}

	private shelf(): SandboxCheckpoints {
		if (this.sandbox.checkpoints === undefined) throw fault('rewind-unable', { provider: this.sandbox.provider });
		return this.sandbox.checkpoints;
	}

	private async keep(index: Index): Promise<void> {
		this.index = index;
		await writeDurably(this.path, `${JSON.stringify(index)}\n`).catch((error: unknown) => {
			throw diskFault(this.path, error);
		});
	}
}

/** Without one of them; what was done before it counts as done before the next. */
function merged(checkpoints: readonly Kept[], id: string): Kept[] {
	const at = checkpoints.findIndex((c) => c.id === id);
	const gone = checkpoints[at];
	return checkpoints.flatMap((c, i) => {
		if (i === at) return [];
		return i === at + 1 && gone !== undefined ? [{ ...c, commands: [...gone.commands, ...c.commands].slice(-LIMITS.checkpointCommands) }] : [c];
	});
}

/** The ones that go when there are too many: those made by the clock first, then by tasks, then before going back; never a learner's own. The newest stays. */
function bounded(checkpoints: readonly Kept[]): { readonly kept: readonly Kept[]; readonly gone: readonly string[] } {
	let kept = [...checkpoints];
	const gone: string[] = [];
	const tooMuch = (): boolean => kept.length > LIMITS.checkpoints || kept.reduce((sum, c) => sum + c.bytes, 0) > LIMITS.checkpointsBytes;
	for (const reason of ['time', 'task', 'rewind', 'start', 'hand'] as const) {
		for (const c of checkpoints.slice(0, -1)) {
			if (!tooMuch()) return { kept, gone };
			if (c.reason !== reason) continue;
			kept = merged(kept, c.id);
			gone.push(c.id);
		}
	}
	return { kept, gone };
}

function read(path: string): Index {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as Index;
	} catch {
		// None yet. One that is damaged costs the list, not the work: new ones take the old ones’ places.
		return { next: 1, checkpoints: [], since: [] };
	}
}
