/** `agnhost grpc-health-checking`: a gRPC health service, and a port to turn it off and on. Models test/images/agnhost/grpc-health-checking. */
import type { Process, Program } from '../program.ts';

interface Data {
	readonly port: number;
	/** What Check answers. */
	readonly serving: boolean;
}

function flag(argv: readonly string[], name: string, otherwise: number): number {
	const at = argv.findIndex((a) => a === `--${name}` || a.startsWith(`--${name}=`));
	const found = argv[at] ?? '';
	return at === -1 ? otherwise : Number(found.includes('=') ? found.slice(found.indexOf('=') + 1) : argv[at + 1]) || otherwise;
}

function control(process: Process<Data>, connection: string, path: string): void {
	const known = path === '/make-serving' || path === '/make-not-serving';
	if (known) process.data = { ...process.data, serving: path === '/make-serving' };
	process.respond(connection, { protocol: 'http', status: known ? 200 : 404, headers: {}, body: known ? '' : '404 page not found\n' });
}

export const grpcHealth: Program<Data> = {
	name: 'grpc-health-checking',
	start(process) {
		const port = flag(process.argv, 'port', 5000);
		process.data = { port, serving: true };
		for (const wanted of [port, flag(process.argv, 'http-port', 8080)]) {
			if (process.listen(wanted)) continue;
			process.stderr(`listen tcp :${wanted}: bind: address already in use\n`);
			process.exit(1);
			return;
		}
		process.stdout('Http server starting to listen\ngRPC server starting to listen\n');
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') {
			if (request.protocol === 'tcp') process.respond(connection.id, { protocol: 'tcp', data: '' });
			return;
		}
		if (connection.port !== process.data.port) control(process, connection.id, request.path.split('?', 1)[0] ?? '/');
		else if (request.headers['content-type'] !== 'application/grpc') process.respond(connection.id, { protocol: 'http', status: 415, headers: {}, body: '' });
		else {
			const headers = { 'content-type': 'application/grpc', 'grpc-status': '0' };
			process.respond(connection.id, { protocol: 'http', status: 200, headers, body: process.data.serving ? 'SERVING' : 'NOT_SERVING' });
		}
	},
};
