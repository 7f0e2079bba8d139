/** Whether what a data folder holds can still be read: looked at, never changed. */
import { constants } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { z } from 'zod';
import { checkAudit } from '../people/audit.ts';
import { directorySchema } from '../people/directory.ts';
import { learnerSchema } from '../protocol/progress.ts';

export interface Damage {
	/** Inside the data folder. */
	readonly path: string;
	readonly why: string;
}
export interface DataHealth {
	readonly files: number;
	readonly bytes: number;
	readonly damaged: readonly Damage[];
	/** Why the audit trail does not hold; undefined where it does. */
	readonly trail: string | undefined;
	/** Others on this machine can read the server's secret. */
	readonly exposed: boolean;
}

/** A data folder's health; undefined where there is none yet. */
export async function dataHealth(data: string): Promise<DataHealth | undefined> {
	const entries = await readdir(data, { withFileTypes: true, recursive: true }).catch(() => undefined);
	if (entries === undefined) return undefined;
	const damaged: Damage[] = [];
	let files = 0;
	let bytes = 0;
	for (const entry of entries) {
		if (!entry.isFile() || entry.name.endsWith('.tmp')) continue;
		const at = join(entry.parentPath, entry.name);
		const path = at.slice(data.length + 1);
		files++;
		bytes += (await stat(at).catch(() => ({ size: 0 }))).size;
		const why = await damageOf(at, path);
		if (why !== undefined) damaged.push({ path, why });
	}
	const { broken } = await checkAudit(join(data, 'audit')).catch((error: unknown) => ({ broken: wordsOf(error) }));
	const secret = await stat(join(data, 'secret')).catch(() => undefined);
	return { files, bytes, damaged, trail: broken, exposed: secret !== undefined && (secret.mode & 0o077) !== 0 };
}

async function damageOf(at: string, path: string): Promise<string | undefined> {
	try {
		await access(at, constants.R_OK);
		if (path.endsWith('.json.gz')) JSON.parse((await promisify(gunzip)(await readFile(at))).toString());
		else if (path.endsWith('.gz')) await promisify(gunzip)(await readFile(at));
		else if (path.endsWith('.json')) schemaOf(path)?.parse(JSON.parse(await readFile(at, 'utf8')));
		return undefined;
	} catch (error) {
		// Taken away while this was looking: a server is running, and that is its business.
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		return wordsOf(error);
	}
}

function schemaOf(path: string): z.ZodType | undefined {
	if (path === join('people', 'directory.json')) return directorySchema;
	if (/^learners[/\\][^/\\]+\.json$/.test(path)) return learnerSchema;
	return undefined;
}

function wordsOf(error: unknown): string {
	if (error instanceof SyntaxError) return 'it is no JSON';
	if (error instanceof Error && 'issues' in error) return 'it has another shape';
	return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
