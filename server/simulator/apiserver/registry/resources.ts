import type { Services } from '../../services.ts';
import type { Strategy } from '../types.ts';

export function resources(_services: Services): readonly Strategy[] {
	return [];
}
