/**
 * The data directory: what the cluster held at the last checkpoint, and a log of the changes since. A server reads both at
 * its start, so that data lives as long as the volume does.
 */
import { treeFrom, treeRange } from '../../kernel/tree.ts';
import type { FileError, FileResult, Process } from '../program.ts';
import { applyChange, type Change, type Cluster, EMPTY_CLUSTER, type Row, type TableSchema } from './sql/catalog.ts';

/** Log size at which a checkpoint is made, characters. */
export const CHECKPOINT_AT = 262_144;

export interface DataDirectory {
	readonly path: string;
	/** Owner of the files: the server runs as this user even where the container starts as root. */
	readonly uid: number;
	readonly gid: number;
}

const heapFile = (d: DataDirectory): string => `${d.path}/base/cluster.json`;
const logFile = (d: DataDirectory): string => `${d.path}/pg_wal/000000010000000000000001`;
const controlFile = (d: DataDirectory): string => `${d.path}/global/pg_control`;

/** Writes a file as the server's user would own it. */
export function writeFile<D>(
	process: Process<D>,
	d: DataDirectory,
	path: string,
	content: string,
	options: { readonly append?: boolean } = {},
): FileResult<null> {
	const created = !process.fs.stat(path).ok;
	const written = process.fs.write(path, content, { ...options, ...(created ? { mode: 0o600 } : {}) });
	if (written.ok && created && process.uid === 0) process.fs.chown(path, d.uid, d.gid);
	return written;
}

export function makeDirectory<D>(process: Process<D>, d: DataDirectory, path: string): FileResult<null> {
	if (process.fs.stat(path).ok) return { ok: true, value: null };
	const made = process.fs.mkdir(path, { parents: true, mode: 0o700 });
	if (made.ok && process.uid === 0) process.fs.chown(path, d.uid, d.gid);
	return made;
}

interface Dump {
	readonly roles: Cluster['roles'];
	readonly databases: {
		readonly [name: string]: {
			readonly owner: string;
			readonly sequences: Cluster['databases'][string]['sequences'];
			readonly tables: readonly { readonly schema: TableSchema; readonly next: number; readonly rows: readonly (readonly [number, Row])[] }[];
		};
	};
}

/** The whole cluster as text. */
function dump(cluster: Cluster): string {
	const databases: { [name: string]: Dump['databases'][string] } = {};
	for (const [name, db] of Object.entries(cluster.databases)) {
		databases[name] = {
			owner: db.owner,
			sequences: db.sequences,
			tables: Object.values(db.tables).map((t) => ({ schema: t.schema, next: t.next, rows: [...treeRange(t.rows)].map(({ k, v }) => [k, v] as const) })),
		};
	}
	return JSON.stringify({ roles: cluster.roles, databases } satisfies Dump);
}

function undump(text: string): Cluster {
	const held = JSON.parse(text) as Dump;
	let cluster: Cluster = { ...EMPTY_CLUSTER, roles: held.roles };
	for (const [db, d] of Object.entries(held.databases)) {
		cluster = applyChange(cluster, { op: 'database', name: db, owner: d.owner });
		const database = cluster.databases[db];
		if (database === undefined) continue;
		cluster = { ...cluster, databases: { ...cluster.databases, [db]: { ...database, sequences: d.sequences } } };
		for (const t of d.tables) {
			const empty = { schema: t.schema, rows: treeFrom(t.rows), next: t.next, keys: [] };
			const current = cluster.databases[db];
			if (current === undefined) continue;
			const withRows = { ...current, tables: { ...current.tables, [t.schema.name]: empty } };
			// Setting the schema builds the indexes over the rows.
			cluster = applyChange({ ...cluster, databases: { ...cluster.databases, [db]: withRows } }, { op: 'table', db, name: t.schema.name, schema: t.schema });
			const built = cluster.databases[db]?.tables[t.schema.name];
			const holder = cluster.databases[db];
			if (built === undefined || holder === undefined) continue;
			cluster = {
				...cluster,
				databases: { ...cluster.databases, [db]: { ...holder, tables: { ...holder.tables, [t.schema.name]: { ...built, next: t.next } } } },
			};
		}
	}
	return cluster;
}

export interface Loaded {
	readonly cluster: Cluster;
	/** The last server on it was not shut down in order. */
	readonly crashed: boolean;
	/** When the control file was last written, as in the log; ms since the epoch. */
	readonly lastKnown: number;
	readonly walLength: number;
}

export function load<D>(process: Process<D>, d: DataDirectory): Loaded | { readonly failed: string; readonly error: FileError | 'corrupt' } {
	const control = process.fs.read(controlFile(d));
	if (!control.ok) return { failed: controlFile(d), error: control.error };
	const heap = process.fs.read(heapFile(d));
	if (!heap.ok) return { failed: heapFile(d), error: heap.error };
	const wal = process.fs.read(logFile(d));
	const text = wal.ok ? wal.value : '';
	try {
		let cluster = undump(heap.value);
		for (const line of text.split('\n')) if (line !== '') cluster = applyChange(cluster, JSON.parse(line) as Change);
		const state = JSON.parse(control.value) as { readonly state: string; readonly at: number };
		return { cluster, crashed: state.state !== 'shut down', lastKnown: state.at, walLength: text.length };
	} catch {
		return { failed: heapFile(d), error: 'corrupt' };
	}
}

/** Writes everything out and empties the log. */
export function checkpoint<D>(process: Process<D>, d: DataDirectory, cluster: Cluster, state: 'in production' | 'shut down'): FileResult<null> {
	const heap = writeFile(process, d, heapFile(d), dump(cluster));
	if (!heap.ok) return heap;
	const wal = writeFile(process, d, logFile(d), '');
	if (!wal.ok) return wal;
	return setControl(process, d, state);
}

export function setControl<D>(process: Process<D>, d: DataDirectory, state: 'in production' | 'shut down'): FileResult<null> {
	return writeFile(process, d, controlFile(d), JSON.stringify({ state, at: process.now }));
}

/** Appends changes to the log; gives the characters written. */
export function logChanges<D>(process: Process<D>, d: DataDirectory, changes: readonly Change[]): FileResult<number> {
	const text = changes.map((c) => `${JSON.stringify(c)}\n`).join('');
	const written = writeFile(process, d, logFile(d), text, { append: true });
	return written.ok ? { ok: true, value: text.length } : written;
}
