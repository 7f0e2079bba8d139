/** pg_isready: whether a server takes connections. */
import type { Program, Process } from '../../program.ts';
import { type Arguments, parseArguments } from './arguments.ts';
import { isLocal } from './connection.ts';

export const pgIsReady: Program<Arguments> = {
	name: 'pg_isready',
	start(process) {
		process.data = parseArguments(process as Process<never>);
		const t = process.data.target;
		process.dial(
			{
				host: isLocal(t) ? '127.0.0.1' : t.host,
				port: t.port,
				request: { protocol: 'postgres', user: t.user, password: t.password, database: t.database, sql: '', parameters: [] },
				connectTimeoutMs: process.data.timeoutMs > 0 ? process.data.timeoutMs : 3000,
				timeoutMs: process.data.timeoutMs > 0 ? process.data.timeoutMs : 3000,
			},
			'ready',
		);
	},
	onReply(process, _token, outcome) {
		const { target: t, flags } = process.data;
		const where = `${isLocal(t) ? '/var/run/postgresql' : t.host}:${t.port}`;
		const starting = outcome.ok && outcome.response.protocol === 'postgres' && outcome.response.error?.code === '57P03';
		const [text, code] = !outcome.ok ? ['no response', 2] : starting ? ['rejecting connections', 1] : ['accepting connections', 0];
		if (!flags.includes('q')) process.stdout(`${where} - ${text}\n`);
		process.exit(code as number);
	},
};
