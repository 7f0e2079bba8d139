/** pg_dump: a database as text. */
import type { Process, Program } from '../../program.ts';
import { textOf } from '../sql/types.ts';
import { type Arguments, parseArguments } from './arguments.ts';
import { connectionFailure, dial } from './connection.ts';

interface DumpData {
	readonly arguments: Arguments;
	readonly tables: readonly string[];
	readonly columns: readonly { readonly table: string; readonly text: string }[];
	readonly step: 'columns' | 'rows';
	readonly at: number;
}

/** A plain dump: CREATE TABLE and COPY blocks, enough to read and to load again by hand. */
export function pgDump(version: string): Program<DumpData> {
	return {
		name: 'pg_dump',
		start(process) {
			process.data = { arguments: parseArguments(process as Process<never>), tables: [], columns: [], step: 'columns', at: 0 };
			dial(process, process.data.arguments.target, 'SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns', 0);
		},
		onReply(process, _token, outcome) {
			const { arguments: a, step } = process.data;
			const error = !outcome.ok
				? connectionFailure(a.target, outcome)
				: outcome.response.protocol !== 'postgres'
					? 'server closed the connection unexpectedly'
					: outcome.response.error?.message;
			if (error !== undefined || !outcome.ok || outcome.response.protocol !== 'postgres') {
				process.stderr(`pg_dump: error: ${error}\n`);
				process.exit(1);
				return;
			}
			const rows = outcome.response.rows ?? [];
			if (step === 'columns') {
				const columns = rows.map((r) => ({ table: String(r[0]), text: `${r[1]} ${r[2]}${r[3] === 'NO' ? ' NOT NULL' : ''}` }));
				const tables = [...new Set(columns.map((c) => c.table))].sort();
				process.data = { ...process.data, columns, tables, step: 'rows' };
				process.stdout(
					`--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version ${version}\n-- Dumped by pg_dump version ${version}\n\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n\n`,
				);
			} else {
				const table = process.data.tables[process.data.at] ?? '';
				const own = process.data.columns.filter((c) => c.table === table);
				process.stdout(
					`CREATE TABLE public.${table} (\n${own.map((c) => `    ${c.text}`).join(',\n')}\n);\n\nCOPY public.${table} (${own.map((c) => c.text.split(' ')[0]).join(', ')}) FROM stdin;\n${rows.map((r) => `${r.map((v) => (v === null ? '\\N' : textOf(v))).join('\t')}\n`).join('')}\\.\n\n`,
				);
				process.data = { ...process.data, at: process.data.at + 1 };
			}
			const table = process.data.tables[process.data.at];
			if (table === undefined) {
				process.stdout('--\n-- PostgreSQL database dump complete\n--\n\n');
				process.exit(0);
			} else dial(process, a.target, `SELECT * FROM ${table}`, 0);
		},
	};
}
