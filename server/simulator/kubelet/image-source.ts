/** Images by reference: the cluster's own parts first, then the public registries. */
import type { Image } from '../images/program.ts';
import type { Services } from '../services.ts';
import { operatorImage } from '../gpu/operator/images.ts';
import { systemImage } from './system-images.ts';

export type Resolved = { readonly image: Image; readonly imageID: string; readonly normalised: string } | { readonly error: string };

export function resolveImage(services: Services, reference: string): Resolved {
	const own = systemImage(reference) ?? operatorImage(reference);
	if (own !== undefined) return { image: own.image, imageID: own.imageID, normalised: reference };
	return services.images.pull(reference);
}
