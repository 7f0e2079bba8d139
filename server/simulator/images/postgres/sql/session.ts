/** One request's view of the cluster: statements change it step by step, and what they changed is what the log gets. */
import { applyChange, type Change, type Cluster, type Database, type Table, type Value } from './catalog.ts';
import { SqlError } from './errors.ts';

export interface Environment {
	readonly user: string;
	readonly database: string;
	readonly parameters: readonly Value[];
	/** Virtual ms since the epoch. */
	readonly now: number;
	/** `version()`. */
	readonly version: string;
	readonly settings: { readonly [name: string]: string };
	random(): number;
}

export class Session {
	cluster: Cluster;
	changes: Change[] = [];
	readonly env: Environment;

	constructor(cluster: Cluster, env: Environment) {
		this.cluster = cluster;
		this.env = env;
	}

	get database(): Database {
		const db = this.cluster.databases[this.env.database];
		if (db === undefined) throw new SqlError('3D000', `database "${this.env.database}" does not exist`);
		return db;
	}

	change(change: Change): void {
		this.cluster = applyChange(this.cluster, change);
		this.changes.push(change);
	}

	table(name: string): Table {
		const table = this.database.tables[name];
		if (table === undefined) throw new SqlError('42P01', `relation "${name}" does not exist`);
		return table;
	}

	/** `nextval`. */
	nextValue(name: string): number {
		const s = this.database.sequences[name];
		if (s === undefined) throw new SqlError('42P01', `relation "${name}" does not exist`);
		const last = s.called ? s.last + 1 : s.last;
		this.change({ op: 'sequence', db: this.env.database, name, value: { last, called: true } });
		return last;
	}
}
