import type { Services } from '../../services.ts';
import type { AdmissionPlugin } from '../types.ts';

export function admissionPlugins(_services: Services): readonly AdmissionPlugin[] {
	return [];
}
