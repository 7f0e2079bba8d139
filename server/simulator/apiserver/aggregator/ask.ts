/** A read of the API from inside the simulator whose answer is needed at once, wherever it comes from. */
import type { World } from '../../kernel/world.ts';
import type { Services } from '../../services.ts';
import { dialInCopy } from '../proxy/copy.ts';
import { proxied } from '../proxy/forward.ts';
import type { UserInfo } from '../types.ts';

/** How long client-go's callers among the controllers wait, ms. */
const PATIENCE_MS = 10_000;

export interface Read {
	readonly status: number;
	/** JSON, where the answer was that. */
	readonly body: unknown;
}

/** GET of `url` as `user`. An extension server is asked in a copy of the world, so that nothing comes of it there. */
export function readNow(services: Services, world: World, url: string, user: UserInfo): Read {
	const agent = 'kube-controller-manager/v1.36.0 (linux/amd64) kubernetes/0000000';
	const response = services.api.handle(world.fork(), { method: 'GET', url, headers: { accept: 'application/json', 'user-agent': agent }, user });
	if (response.forward === undefined) return { status: response.status, body: response.json };
	const outcome = dialInCopy(services, world, response.forward.dial, PATIENCE_MS) ?? { ok: false, error: 'ETIMEDOUT', port: 0, phase: 'response' };
	const answer = proxied(response.forward, outcome);
	return { status: answer.status, body: answer.json ?? parsed(answer.text ?? '') };
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (e) {
		if (e instanceof SyntaxError) return undefined;
		throw e;
	}
}
