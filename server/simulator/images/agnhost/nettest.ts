/** `agnhost nettest`: notes who wrote to it, and tells. Models test/images/agnhost/nettest, without looking for peers of its own. */
import { isRecord } from '../../apiserver/registry/fields.ts';
import type { Process, Program } from '../program.ts';
import { flag } from './flags.ts';

interface Data {
	readonly received: { readonly [source: string]: number };
	readonly errors: readonly string[];
}

function noted(process: Process<Data>, body: string): void {
	const fail = (text: string): void => {
		process.data = { ...process.data, errors: [...process.data.errors, text] };
	};
	let post: unknown;
	try {
		post = JSON.parse(body);
	} catch (e) {
		if (!(e instanceof SyntaxError)) throw e;
		fail(body === '' ? 'EOF' : 'invalid character in request');
		return;
	}
	const source = isRecord(post) && typeof post['Source'] === 'string' ? post['Source'] : '';
	if (source === '') {
		fail(`${process.hostname}: Got request with no source`);
		return;
	}
	process.data = { ...process.data, received: { ...process.data.received, [source]: (process.data.received[source] ?? 0) + 1 } };
}

function answer(process: Process<Data>, path: string, body: string): { readonly status?: number; readonly body: string } {
	switch (path) {
		case '/write':
			noted(process, body);
			return { body: `${JSON.stringify({ Hostname: process.hostname })}\n` };
		case '/read': {
			const { received, errors } = process.data;
			const state = {
				Hostname: process.hostname,
				Sent: null,
				Received: Object.keys(received).length === 0 ? null : received,
				Errors: errors.length === 0 ? null : errors,
				Log: null,
				StillContactingPeers: true,
			};
			return { body: JSON.stringify(state, null, '\t') };
		}
		case '/status':
			return { body: 'running' };
		default:
			return { status: 404, body: '404 page not found\n' };
	}
}

export const nettest: Program<Data> = {
	name: 'nettest',
	start(process) {
		process.data = { received: {}, errors: [] };
		process.usage({ cpuMilli: 1, memoryBytes: 9_000_000 });
		const port = Number(flag(process.argv, 'port', '8080'));
		if (process.listen(port)) return;
		process.stderr(`listen tcp :${port}: bind: address already in use\n`);
		process.exit(1);
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') return process.respond(connection.id, { protocol: 'tcp', data: '' });
		const path = request.path.split('?', 1)[0] ?? '/';
		if (path === '/quit') return process.exit(0);
		const { status = 200, body } = answer(process, path, request.body);
		process.respond(connection.id, { protocol: 'http', status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(2);
	},
};
