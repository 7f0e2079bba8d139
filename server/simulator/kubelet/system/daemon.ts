/** A part of the cluster that only has to be there: it logs, listens, says that it is well, and stops when told. */
import type { Program } from '../../images/program.ts';

export function daemon(
	name: string,
	options: { readonly log?: readonly string[]; readonly ports?: readonly number[] /** The ports speak https. */; readonly tls?: true },
): Program<never> {
	const program: Program = {
		name,
		start(process) {
			for (const line of options.log ?? []) process.stdout(`${line}\n`);
			for (const port of options.ports ?? []) {
				if (process.listen(port, options.tls === true ? { tls: true } : {})) continue;
				process.stderr(`listen tcp :${port}: bind: address already in use\n`);
				process.exit(1);
				return;
			}
			process.usage({ cpuMilli: 2, memoryBytes: 24 << 20 });
		},
		onRequest(process, connection, request) {
			if (request.protocol === 'http') process.respond(connection.id, { protocol: 'http', status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' });
			else process.respond(connection.id, { protocol: 'tcp', data: '' });
		},
		onSignal(process, signal) {
			if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGQUIT') process.exit(0);
		},
	};
	return program as unknown as Program<never>;
}
