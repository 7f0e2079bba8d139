/** autoscaling/v1 Scale over any resource that says where its replica counts lie. */
import type { World } from '../../kernel/world.ts';
import { isRecord } from '../equal.ts';
import { badRequest, internalError, modified } from '../errors.ts';
import { mergePatch } from '../patch/merge.ts';
import { jsonPatch } from '../patch/json.ts';
import type { ApiResult, KubeObject, Strategy } from '../types.ts';
import { invalidObject, invalidValue } from '../validation.ts';
import { existing, type HandlerContext, type ResolvedCall } from './context.ts';
import { updateObject } from './update.ts';

const steps = (path: string): readonly string[] => path.split('.').filter((s) => s !== '');

function read(object: unknown, path: string): unknown {
	let value = object;
	for (const step of steps(path)) value = isRecord(value) ? value[step] : undefined;
	return value;
}

function written(object: unknown, path: readonly string[], value: unknown): unknown {
	const [step, ...rest] = path;
	if (step === undefined) return value;
	const from = isRecord(object) ? object : {};
	return { ...from, [step]: written(from[step], rest, value) };
}

/** A label selector object as text, the form that Scale's status carries. */
export function selectorText(selector: unknown): string {
	if (typeof selector === 'string') return selector;
	if (!isRecord(selector)) return '';
	const out: string[] = [];
	const labels = isRecord(selector['matchLabels']) ? selector['matchLabels'] : 'matchExpressions' in selector || 'matchLabels' in selector ? {} : selector;
	for (const [k, v] of Object.entries(labels)) out.push(`${k}=${String(v)}`);
	const expressions = Array.isArray(selector['matchExpressions']) ? selector['matchExpressions'] : [];
	for (const e of expressions as { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]) {
		const values = [...(e.values ?? [])].sort().join(',');
		if (e.operator === 'In') out.push(`${e.key} in (${values})`);
		else if (e.operator === 'NotIn') out.push(`${e.key} notin (${values})`);
		else if (e.operator === 'Exists') out.push(e.key);
		else out.push(`!${e.key}`);
	}
	return out.sort().join(',');
}

/** The Scale of an object of a resource that has one. */
export function scaleOf(strategy: Strategy, object: KubeObject): KubeObject {
	const paths = strategy.scale;
	if (paths === undefined) throw new Error(`${strategy.resource} has no scale`);
	const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
	const specReplicas = read(object, paths.specReplicas) ?? 0;
	// A custom resource's scale may say nothing of a selector.
	const selector = paths.selector === '' ? '' : selectorText(read(object, paths.selector));
	return {
		kind: 'Scale',
		apiVersion: 'autoscaling/v1',
		metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
		spec: specReplicas === 0 ? {} : { replicas: specReplicas },
		status: { replicas: read(object, paths.statusReplicas) ?? 0, ...(selector === '' ? {} : { selector }) },
	};
}

/** get, update and patch of `/scale`. */
export function scale(context: HandlerContext, world: World, resolved: ResolvedCall): ApiResult {
	const { call, strategy } = resolved;
	const object = existing(world, resolved);
	const path = strategy.scale?.specReplicas ?? '';
	// A built-in resource has a default; a custom one may have none, and then there is nothing to scale.
	if (strategy.custom !== undefined && read(object, path) === undefined) throw internalError(`the spec replicas field ${JSON.stringify(path)} does not exist`);
	if (call.verb === 'get') return { code: 200, body: scaleOf(strategy, object) };
	const next = nextScale(resolved, object);
	const replicas = next.spec['replicas'] ?? 0;
	if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
		throw badRequest(
			'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32',
		);
	}
	if (replicas < 0) {
		const error = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0');
		throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, object.metadata.name, [error]);
	}
	if (next.resourceVersion && next.resourceVersion !== object.metadata.resourceVersion) throw modified(strategy, object.metadata.name);
	const changed = written(object, steps(strategy.scale?.specReplicas ?? ''), replicas) as KubeObject;
	const result = updateObject(context, world, resolved, changed);
	return { ...result, body: scaleOf(strategy, result.body as KubeObject) };
}

function nextScale(
	{ call, strategy }: ResolvedCall,
	object: KubeObject,
): { readonly spec: { readonly [k: string]: unknown }; readonly resourceVersion: string } {
	const present = scaleOf(strategy, object);
	let value: unknown = call.body;
	if (call.verb === 'patch') {
		value = call.patchType === 'application/json-patch+json' ? jsonPatch(present, call.body) : mergePatch(present, call.body);
	}
	if (!isRecord(value)) throw badRequest('expected a Scale');
	const spec = isRecord(value['spec']) ? value['spec'] : {};
	const rv = isRecord(value['metadata']) ? value['metadata']['resourceVersion'] : undefined;
	return { spec, resourceVersion: typeof rv === 'string' ? rv : '' };
}
