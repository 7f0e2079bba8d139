/** The authorisation table against the routes that there are. */
import { describe, expect, it } from 'vitest';
import { ACCESS } from './access.ts';
import { type ApiOptions, createApi } from './api.ts';

/** Never called here: routes are registered without touching what they serve. */
const NOTHING = new Proxy({}, { get: () => () => undefined }) as unknown as ApiOptions;

describe('the authorisation table', () => {
	it('has one row for every route, and none besides', () => {
		const routes = createApi(NOTHING)
			.routes.filter(({ method }) => method !== 'ALL')
			.map(({ method, path }) => `${method} /api${path}`);
		// The socket is no route of the router's: `server.ts` admits it by the same function.
		expect([...new Set([...routes, 'GET /api/labs/:lab/socket'])].sort()).toEqual(Object.keys(ACCESS).sort());
	});
});
