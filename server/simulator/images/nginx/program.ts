import type { Program } from '../program.ts';

export function nginxProgram(version: string): Program<{ readonly port: number }> {
	return {
		name: 'nginx',
		start(process) {
			const port = process.uid === 0 ? 80 : 8080;
			process.data = { port };
			if (!process.listen(port)) process.exit(1);
		},
		onRequest(process, connection) {
			process.respond(connection.id, { protocol: 'http', status: 200, headers: { server: `nginx/${version}` }, body: 'Welcome to nginx!\n' });
		},
		onSignal(process, signal) {
			if (signal === 'SIGTERM' || signal === 'SIGQUIT') process.exit(0);
		},
	};
}
