import type { Room, Services } from '../services.ts';

export function schedulerRoom(_services: Services): Room {
	return {};
}
