import { answer, existing, type Handler } from './context.ts';

export const get: Handler = (_context, world, resolved) => {
	if (resolved.strategy.virtualRead !== undefined) return resolved.strategy.virtualRead(world, resolved.call);
	return answer(resolved, 200, existing(world, resolved));
};
