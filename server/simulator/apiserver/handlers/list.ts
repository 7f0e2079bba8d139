import { type Tree, treeRange, treeSize } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { listError } from '../encryption/storage.ts';
import { badRequest, expired, invalid, tooLargeResourceVersion } from '../errors.ts';
import { getObject, listObjects, objectKey, objectTree, objectTreeAt, revision } from '../registry/store.ts';
import { objectFilter, pinnedName } from '../selectors.ts';
import type { ApiError, ApiResult, FieldError, KubeObject, Strategy } from '../types.ts';
import { forbiddenValue, notSupportedValue } from '../validation.ts';
import { type ContinueToken, decodeContinue, encodeContinue } from './continue.ts';
import { apiVersionOf, type Handler, inVersion, type ResolvedCall } from './context.ts';

const EXPIRED_CONTINUE =
	'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

export const list: Handler = (_context, world, resolved) => {
	const { call, strategy } = resolved;
	if (strategy.virtualRead !== undefined) return strategy.virtualRead(world, call);
	const filter = objectFilter(strategy, call.options.labelSelector, call.options.fieldSelector);
	const at = snapshotRevision(world, resolved);
	const { limit } = call.options;
	const namespace = strategy.namespaced ? call.namespace : undefined;
	if (limit === undefined && at === undefined && call.options.continue === undefined) {
		const items = pinned(world, resolved) ?? listObjects(world, strategy, namespace);
		return listAnswer(world, resolved, filter === undefined ? items : items.filter(filter), revision(world));
	}
	return page(world, resolved, filter, at);
};

/** A selector that names one object is a look-up, not a scan. */
function pinned(world: World, { call, strategy }: ResolvedCall): readonly KubeObject[] | undefined {
	const name = pinnedName(call.options.fieldSelector);
	if (name === undefined || (strategy.namespaced && !call.namespace)) return undefined;
	const object = getObject(world, strategy, objectKey(strategy.namespaced ? call.namespace : undefined, name));
	return object === undefined ? [] : [object];
}

const MATCH = 'resourceVersionMatch';

/** Parameters that do not go together (`ValidateListOptions`). */
function listOptions({ field, type, message }: FieldError): ApiError {
	return invalid('meta.k8s.io', 'ListOptions', '', `${field}: ${message}`, [{ reason: type, message, field }]);
}

/** The revision that `resourceVersion` with match Exact asks for; checks the parameters' combinations as upstream's `ValidateListOptions`. */
function snapshotRevision(world: World, { call }: ResolvedCall): number | undefined {
	const { resourceVersion: rv, resourceVersionMatch: match } = call.options;
	const asked = parseRevision(rv);
	if (match !== undefined && match !== '') {
		if (!rv) throw listOptions(forbiddenValue(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
		if (call.options.continue) throw listOptions(forbiddenValue(MATCH, 'resourceVersionMatch is forbidden when continue is provided'));
		if (match !== 'Exact' && match !== 'NotOlderThan') {
			throw listOptions(notSupportedValue(MATCH, match, ['', 'Exact', 'NotOlderThan']));
		}
		if (match === 'Exact' && asked === 0) throw listOptions(forbiddenValue(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
	}
	const current = revision(world);
	if (asked !== undefined && asked > current) throw tooLargeResourceVersion(asked, current);
	return match === 'Exact' ? asked : undefined;
}

export function parseRevision(text: string | undefined): number | undefined {
	if (text === undefined || text === '') return undefined;
	if (!/^\d{1,15}$/.test(text))
		throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
	return Number(text);
}

/** A page, or a list of an earlier moment: the tree as it was then, from the key where the last page ended. */
function page(world: World, resolved: ResolvedCall, filter: ((o: KubeObject) => boolean) | undefined, exact: number | undefined): ApiResult {
	const { call, strategy } = resolved;
	const token = call.options.continue ? decodeContinue(call.options.continue) : undefined;
	if (token !== undefined && call.options.resourceVersion && call.options.resourceVersion !== '0') {
		throw badRequest('specifying resource version is not allowed when using continue');
	}
	// A token without a revision goes on inconsistently, at the present.
	const at = token === undefined ? (exact ?? revision(world)) : token.revision < 0 ? revision(world) : token.revision;
	const tree = treeAt(world, strategy, at, token);
	const prefix = strategy.namespaced && call.namespace ? `${call.namespace}/` : '';
	const asked = call.options.limit ?? 0;
	const limit = asked > 0 ? asked : Number.POSITIVE_INFINITY;
	const items: KubeObject[] = [];
	let last = '';
	let more = false;
	for (const e of treeRange(tree, token === undefined ? prefix : `${token.after}\u0000`)) {
		if (!e.k.startsWith(prefix)) break;
		if (filter !== undefined && !filter(e.v)) continue;
		if (items.length < limit) {
			items.push(e.v);
			last = e.k;
			continue;
		}
		more = true;
		break;
	}
	// With a selector upstream does not say how many remain.
	const end = prefix === '' ? treeSize(tree) : rank(tree, `${call.namespace}0`);
	const remaining = filter === undefined ? { remainingItemCount: end - rank(tree, last) - 1 } : {};
	const rest = more ? { continue: encodeContinue({ revision: at, after: last }), ...remaining } : {};
	return listAnswer(world, resolved, items, at, rest);
}

/** How many keys lie before `key`. */
function rank(tree: Tree<string, unknown>, key: string): number {
	let before = 0;
	for (let node = tree; node !== null; ) {
		if (key <= node.k) node = node.l;
		else {
			before += treeSize(node.l) + 1;
			node = node.r;
		}
	}
	return before;
}

function treeAt(world: World, strategy: Strategy, at: number, token: ContinueToken | undefined): Tree<string, KubeObject> {
	if (at >= revision(world)) return objectTree(world, strategy);
	const tree = objectTreeAt(world, strategy, at);
	if (tree === undefined) {
		throw token === undefined
			? expired('The resourceVersion for the provided list is too old.')
			: expired(EXPIRED_CONTINUE, { continue: encodeContinue({ revision: -1, after: token.after }) });
	}
	return tree;
}

function listAnswer(
	world: World,
	resolved: ResolvedCall,
	objects: readonly KubeObject[],
	at: number,
	rest: { readonly [k: string]: string | number } = {},
): ApiResult {
	const { call, strategy } = resolved;
	const garbled = resolved.trusted ? undefined : listError(world, strategy, objects);
	if (garbled !== undefined) throw garbled;
	const stored = call.version === strategy.versions[0] && strategy.custom === undefined && strategy.storedAs === undefined;
	const asked = resolved.convert?.(objects, apiVersionOf(strategy, call.version)) ?? objects;
	const items = stored ? objects : asked.map((o) => inVersion(o, strategy, call.version));
	const body = {
		kind: `${strategy.kind}List`,
		apiVersion: apiVersionOf(strategy, call.version),
		metadata: { resourceVersion: String(at), ...rest },
		items,
	};
	return resolved.warnings.length === 0 ? { code: 200, body } : { code: 200, body, warnings: resolved.warnings };
}
