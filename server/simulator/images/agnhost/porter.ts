/** `agnhost porter`: answers every request on the ports that its environment names with their texts. Models test/images/agnhost/porter. */
import type { Program } from '../program.ts';

interface Data {
	readonly bodies: { readonly [port: string]: string };
	readonly json: boolean;
}

const PORT = /^SERVE_(TLS_)?PORT_(\d+)$/;

export const porter: Program<Data> = {
	name: 'porter',
	start(process) {
		const bodies: { [port: string]: string } = {};
		for (const [name, value] of Object.entries(process.env)) {
			const [, tls, port] = PORT.exec(name) ?? [];
			if (port === undefined) continue;
			if (process.listen(Number(port), { tls: tls !== undefined })) bodies[port] = value;
			else process.stderr(`server on port ${JSON.stringify(port)} failed: listen tcp 0.0.0.0:${port}: bind: address already in use\n`);
		}
		process.data = { bodies, json: process.argv.includes('--json-response') };
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') return;
		const value = process.data.bodies[connection.port] ?? '';
		const body = process.data.json ? JSON.stringify({ Method: request.method, Body: value }) : value;
		// As Go's http.DetectContentType guesses where a handler says nothing.
		const type = process.data.json ? 'application/json' : /^\s*<(a|html|!doctype html|body|p|h1)\b/i.test(value) ? 'text/html' : 'text/plain';
		const headers = { 'content-type': type === 'application/json' ? type : `${type}; charset=utf-8` };
		process.respond(connection.id, { protocol: 'http', status: 200, headers, body: request.method === 'HEAD' ? '' : body });
	},
};
