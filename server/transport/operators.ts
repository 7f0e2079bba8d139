/**
 * The operators' door: what `npm run person` asks of a server that runs on the same data folder. It listens on the loopback interface
 * alone, on a port of its own; the way to it and its token lie in the data folder, which nobody but the server's account can read. So
 * whoever may use it could have read and changed the folder itself, and here the one writer does it.
 */
import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReadableStream } from 'node:stream/web';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { writeDurably } from '../durable.ts';
import { fault, toFault } from '../errors/catalogue.ts';
import type { PersonalData } from '../people/personal-data.ts';
import { operatorDoorPath } from '../protocol/operators.ts';
import { newToken, same } from './security.ts';

export interface OperatorsOptions {
	readonly data: string;
	readonly personal: PersonalData;
	/** Local mode: its one person would be made anew at once, and pages of theirs are still open. */
	readonly isLocal: boolean;
	readonly log: (message: string, detail?: unknown) => void;
}

/** Resolves once the door can be found; `close` takes its description away. */
export async function openOperatorDoor({ data, personal, isLocal, log }: OperatorsOptions): Promise<{ close(): Promise<void> }> {
	const token = newToken();
	const app = new Hono();
	app.onError((error, c) => {
		const known = toFault(error);
		if (known.code === 'internal') log('an operator’s request failed', error);
		return c.json({ error: known.toJSON() }, known.status as 400);
	});
	app.use('*', async (c, next) => {
		const given = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
		if (!same(given, token)) throw fault('not-signed-in', {});
		await next();
	});
	// Nobody's name: the trail shows who had the machine by the line's having no actor, as where the command does it alone.
	app.get('/people/:person/export', async (c) => new Response(ReadableStream.from(await personal.export(c.req.param('person'), '')) as unknown as BodyInit));
	app.delete('/people/:person', async (c) => {
		if (isLocal) throw fault('local-person', {});
		return c.json(await personal.erase(c.req.param('person'), '', true));
	});
	app.all('*', (c) => {
		throw fault('not-found', { path: c.req.path });
	});
	const server = createAdaptorServer({ fetch: app.fetch }) as Server;
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => resolve());
	});
	const { port } = server.address() as AddressInfo;
	const path = operatorDoorPath(data);
	await writeDurably(path, JSON.stringify({ pid: process.pid, port, token }));
	return {
		close: async () => {
			await rm(path, { force: true });
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			});
		},
	};
}
