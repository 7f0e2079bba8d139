/** Faults of `kubectl config` that come with the command's whole help. */
import { CliError } from './errors.ts';
import { helpOf } from './help/words.ts';
import type { Kube } from './kube.ts';

/** Prints the help and returns the fault to throw (helpErrorf). */
export async function helpError(kube: Kube, message: string): Promise<CliError> {
	kube.out(await helpOf(kube.path.replace('kubectl ', '')));
	return new CliError(message);
}
