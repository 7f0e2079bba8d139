/** What a dry run answers with (`generic/registry/dryrun.go`): the object as it would be, under the revision that it has. */
import type { World } from '../../kernel/world.ts';
import { isRecord } from '../equal.ts';
import { getObject, objectKey, revision } from '../registry/store.ts';
import type { ApiResult, Strategy } from '../types.ts';

/** @param world with the dry run undone already. */
export function dryResult(world: World, strategy: Strategy | undefined, result: ApiResult): ApiResult {
	const body = result.body;
	if (!isRecord(body) || !isRecord(body['metadata']) || strategy === undefined) return result;
	const { resourceVersion, ...metadata } = body['metadata'] as { readonly resourceVersion?: string; readonly namespace?: string; readonly name?: string };
	if (resourceVersion === undefined || Number(resourceVersion) <= revision(world)) return result;
	const stored = metadata.name === undefined ? undefined : getObject(world, strategy, objectKey(metadata.namespace, metadata.name));
	const kept = stored === undefined ? metadata : { ...body['metadata'], resourceVersion: stored.metadata.resourceVersion };
	return { ...result, body: { ...body, metadata: kept } };
}
