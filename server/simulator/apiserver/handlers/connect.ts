import { methodNotAllowed } from '../errors.ts';
import { getObject } from '../registry/store.ts';
import { admit, type Handler, keyOf, mutate } from './context.ts';

/** Subresources that open a connection (`rest.Connecter`); admission sees them as CONNECT, the others as CREATE. */
const CONNECTIONS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy']);

/** Subresources with a mind of their own: the strategy answers, after admission has had its say. */
export const connect: Handler = (context, world, resolved) => {
	const { call, strategy } = resolved;
	const handler = strategy.connect?.[call.subresource ?? ''];
	if (handler === undefined) throw methodNotAllowed();
	const object = getObject(world, strategy, keyOf(resolved));
	if (object !== undefined && CONNECTIONS.has(call.subresource ?? '')) {
		const request = { operation: 'CONNECT', call, strategy, object } as const;
		mutate(context, world, request, resolved.warnings);
		admit(context, world, request, resolved.warnings);
	}
	const result = handler(world, call, object);
	return resolved.warnings.length === 0 ? result : { ...result, warnings: [...resolved.warnings, ...(result.warnings ?? [])] };
};
