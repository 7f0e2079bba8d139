/**
 * Places to go back to. A checkpoint is a packed snapshot beside the journal; going back to it makes it the journal's newest
 * snapshot, by one link: whoever resumes the folder, also after a crash, finds the present or the checkpoint, never half of each.
 */
import { copyFileSync, existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { diskFault, fault } from '../../errors/catalogue.ts';
import { syncFolder, writeDurably } from '../../durable.ts';
import { parseExact } from '../../simulator/kernel/int64.ts';
import { Simulator, type Snapshot, type System } from '../../simulator/simulator.ts';
import type { SandboxChanges, SandboxCheckpoints } from '../hosted.ts';
import { differences } from './differences.ts';
import { packSnapshot } from './journal.ts';

export class SimulatedCheckpoints implements SandboxCheckpoints {
	private readonly folder: string;
	private readonly present: () => Simulator;
	private readonly system: System;

	/** `present`: the simulator as it is now, its clock included. */
	constructor(folder: string, system: System, present: () => Simulator) {
		this.folder = folder;
		this.system = system;
		this.present = present;
	}

	async save(id: string): Promise<number> {
		const path = this.path(id);
		try {
			await writeDurably(path, await packSnapshot(this.present().snapshot()));
			return (await stat(path)).size;
		} catch (error) {
			throw diskFault(path, error);
		}
	}

	async changes(id: string): Promise<SandboxChanges> {
		return differences(this.present(), this.load(id));
	}

	/** The sandbox must have been disposed; `resume` goes on from the checkpoint then. */
	choose(id: string): void {
		const path = this.path(id);
		if (!existsSync(path)) throw fault('checkpoint-unknown', { checkpoint: id });
		const newest = readdirSync(this.folder).reduce((most, name) => Math.max(most, Number(/^(?:snapshot|journal)-(\d+)\./.exec(name)?.[1] ?? 0)), 0);
		const target = join(this.folder, `snapshot-${newest + 1}.json.gz`);
		try {
			linkSync(path, target);
		} catch {
			// A file system without links: the rename is what counts there.
			try {
				copyFileSync(path, `${target}.tmp`);
				renameSync(`${target}.tmp`, target);
			} catch (error) {
				throw diskFault(target, error);
			}
		}
		syncFolder(this.folder);
	}

	async remove(id: string): Promise<void> {
		rmSync(this.path(id), { force: true });
	}

	private load(id: string): Simulator {
		const path = this.path(id);
		if (!existsSync(path)) throw fault('checkpoint-unknown', { checkpoint: id });
		const snapshot = parseExact(gunzipSync(readFileSync(path)).toString()) as Snapshot;
		return Simulator.restore(snapshot, this.system);
	}

	private path(id: string): string {
		// Ids come from pages.
		if (!/^c\d+$/.test(id)) throw fault('checkpoint-unknown', { checkpoint: id });
		return join(this.folder, `checkpoint-${id}.json.gz`);
	}
}
