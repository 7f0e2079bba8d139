import type { Services } from '../services.ts';

export const imageRegistry: Services['images'] = {
	pull: (reference) => ({ error: `failed to resolve reference "${reference}"` }),
};
