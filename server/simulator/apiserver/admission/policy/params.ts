/** The parameters that a binding gives its policy (`CollectParams` in `policy_dispatcher.go`). */
import type { Services } from '../../../services.ts';
import type { World } from '../../../kernel/world.ts';
import { type Fields, isRecord, rec, str, textMap } from '../../registry/fields.ts';
import { matchesSelector } from '../../registry/label-selector.ts';
import { getObject, listObjects, objectKey } from '../../registry/store.ts';
import { inVersion } from '../../handlers/context.ts';
import type { KubeObject, Strategy } from '../../types.ts';

/** One evaluation for each of these; a policy without parameters has one for `undefined`. Or what is wrong with the configuration. */
export type Params = readonly (KubeObject | undefined)[] | { readonly error: string };

/** `apps/v1` and a kind → the resource that serves it. */
function paramStrategy(services: Services, world: World, kind: Fields): { readonly strategy: Strategy; readonly version: string } | undefined {
	const [first = '', second] = str(kind.apiVersion).split('/');
	const [group, version] = second === undefined ? ['', first] : [first, second];
	const strategy = services.api.strategiesOf(world).find((s) => s.group === group && s.kind === str(kind.kind) && s.versions.includes(version));
	return strategy === undefined ? undefined : { strategy, version };
}

export function collectParams(services: Services, world: World, paramKind: unknown, paramRef: unknown, requestNamespace: string): Params {
	if (!isRecord(paramKind) || !isRecord(paramRef)) return [undefined];
	const found = paramStrategy(services, world, paramKind);
	if (found === undefined) return { error: `failed to find resource referenced by paramKind: '${str(paramKind.apiVersion)}, Kind=${str(paramKind.kind)}'` };
	const { strategy, version } = found;
	const own = str(paramRef.namespace);
	if (!strategy.namespaced && own !== '') return { error: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' };
	const namespace = strategy.namespaced ? own || requestNamespace : undefined;
	if (namespace === '') return { error: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' };
	const params = select(world, strategy, paramRef, namespace).map((object) => inVersion(object, strategy, version));
	if (params.length === 0 && paramRef.parameterNotFoundAction === 'Deny')
		return { error: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
	return params;
}

function select(world: World, strategy: Strategy, ref: Fields, namespace: string | undefined): readonly KubeObject[] {
	const name = str(ref.name);
	if (name !== '') {
		const one = getObject(world, strategy, objectKey(namespace, name));
		return one === undefined ? [] : [one];
	}
	const selector = rec(ref.selector);
	return listObjects(world, strategy, namespace).filter((o) => matchesSelector(selector, textMap(o.metadata.labels)));
}
