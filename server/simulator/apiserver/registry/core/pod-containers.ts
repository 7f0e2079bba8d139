/** Which container a log, exec or attach means: validateContainer of `pkg/registry/core/pod/strategy.go`. */
import { badRequest } from '../../errors.ts';
import type { KubeObject } from '../../types.ts';
import { recs, specOf, str } from '../fields.ts';

const names = (pod: KubeObject, list: string): readonly string[] => recs(specOf(pod)[list]).map((c) => str(c.name));

/** The container's name; the only one where none is asked for. Throws BadRequest where that leaves a choice, or there is no such container. */
export function chooseContainer(pod: KubeObject, asked: string): string {
	const { name } = pod.metadata;
	const containers = names(pod, 'containers');
	const init = names(pod, 'initContainers');
	const ephemeral = names(pod, 'ephemeralContainers');
	if (asked !== '') {
		if ([...containers, ...init, ...ephemeral].includes(asked)) return asked;
		throw badRequest(`container ${asked} is not valid for pod ${name}`);
	}
	const [only, ...others] = containers;
	if (only === undefined) throw badRequest(`a container name must be specified for pod ${name}`);
	if (others.length === 0) return only;
	const choices = `choose one of: [${containers.join(' ')}]`;
	const more = init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`;
	throw badRequest(`a container name must be specified for pod ${name}, ${choices}${more}`);
}
