/** `-k` and `kubectl kustomize`: resources, namespace, names' prefix and suffix, labels, annotations, generators, images, replicas, patches. */
import type { Obj } from './client.ts';
import { CliError } from './errors.ts';
import type { Kube } from './kube.ts';

/** Builds the kustomization in `directory`. Rejects with a `CliError`. */
export async function build(_kube: Kube, directory: string): Promise<Obj[]> {
	throw new CliError(`unable to build "${directory}": kustomizations come later`);
}
