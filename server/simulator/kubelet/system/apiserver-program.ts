/** The API server's process: what pods reach at `kubernetes.default.svc`. The server itself is a room of the simulator. */
import { jsonText } from '../../apiserver/http/pretty.ts';
import type { ApiWireRequest } from '../../apiserver/wire.ts';
import type { Process, Program } from '../../images/program.ts';
import type { HttpRequest, HttpResponse } from '../../network/types.ts';
import { worldOf } from '../process-handle.ts';

function answer(process: Process, request: HttpRequest, remote: string): HttpResponse {
	const at = worldOf(process);
	if (at === undefined) return { protocol: 'http', status: 503, headers: {}, body: '' };
	const { host: _host, ...headers } = request.headers;
	const asked: ApiWireRequest = {
		method: request.method,
		url: request.path,
		headers,
		remote,
		...(request.body === '' ? {} : { body: request.body }),
	};
	const response = at.host.services.api.handle(at.world, asked);
	if (response.watch !== undefined || response.stream !== undefined) {
		return {
			protocol: 'http',
			status: 501,
			headers: { 'content-type': 'text/plain' },
			body: 'the simulated network carries no endless answers: list instead of watching\n',
		};
	}
	const body = response.json === undefined ? (response.text ?? '') : jsonText(response.json, asked);
	return { protocol: 'http', status: response.status, headers: response.headers, body };
}

const program: Program = {
	name: 'kube-apiserver',
	start(process) {
		process.stdout('Serving securely on [::]:6443\n');
		if (!process.listen(6443, { tls: true })) process.exit(1);
		process.usage({ cpuMilli: 40, memoryBytes: 280 << 20 });
	},
	onRequest(process, connection, request) {
		if (request.protocol === 'http') process.respond(connection.id, answer(process, request, connection.remoteAddress));
		else process.respond(connection.id, { protocol: 'tcp', data: '' });
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM') process.exit(0);
	},
};

export const apiServerProgram = program as unknown as Program<never>;
