/** What every verb handler gets: the call with its resource found, and the way to the store. */
import type { Services } from '../../services.ts';
import type { World } from '../../kernel/world.ts';
import { readError } from '../encryption/storage.ts';
import { notFound } from '../errors.ts';
import type { Body } from '../http/body.ts';
import { getObject, objectKey } from '../registry/store.ts';
import type { Registry } from '../registry/registry.ts';
import type { AdmissionRequest, ApiCall, ApiResult, KubeObject, Reinvocation, Strategy } from '../types.ts';

export interface HandlerContext {
	readonly registry: Registry;
	readonly services: Services;
}

export interface ResolvedCall {
	readonly call: ApiCall;
	readonly strategy: Strategy;
	/** From the simulator's own parts: well-formed by construction, so the schema is not checked again. */
	readonly trusted: boolean;
	/** The body as it came over the wire, where it did. */
	readonly wire?: Body;
	/** Objects in an API version, by the conversion webhook; where the resource has one. */
	readonly convert?: (objects: readonly KubeObject[], apiVersion: string) => readonly KubeObject[];
	/** Warnings for the answer's header; handlers add to them. */
	readonly warnings: string[];
}

export type Handler = (context: HandlerContext, world: World, resolved: ResolvedCall) => ApiResult;

/** The store's key for the call's object. */
export function keyOf({ call, strategy }: ResolvedCall): string {
	return objectKey(strategy.namespaced ? call.namespace : undefined, call.name ?? '');
}

/** The object that the call names; throws NotFound. */
export function existing(world: World, resolved: ResolvedCall): KubeObject {
	const object = getObject(world, resolved.strategy, keyOf(resolved));
	if (object === undefined) throw notFound(resolved.strategy, resolved.call.name ?? '');
	const garbled = resolved.trusted ? undefined : readError(world, resolved.strategy, keyOf(resolved));
	if (garbled !== undefined) throw garbled;
	return asAsked(resolved, object);
}

/** A stored object in the version of the request, where a webhook has to convert it. */
export function asAsked(resolved: ResolvedCall, object: KubeObject): KubeObject {
	const { convert, call, strategy } = resolved;
	return convert?.([object], apiVersionOf(strategy, call.version))[0] ?? object;
}

/** Stores an object in its resource's storage version. @returns it as stored */
export function stored(context: HandlerContext, world: World, resolved: ResolvedCall, key: string, object: KubeObject): KubeObject {
	const { convert, strategy } = resolved;
	const kept = convert?.([object], apiVersionOf(strategy, strategy.custom?.storage ?? ''))[0] ?? object;
	return context.registry.put(world, strategy, key, kept);
}

const apiVersions = new Map<string, string>();
/** More than there are groups and versions; custom ones come and go. */
const API_VERSIONS_KEPT = 1000;

/** `apps/v1`: the same text for the same two, since every stored object holds it. */
export function apiVersionOf({ group }: Pick<Strategy, 'group'>, version: string): string {
	if (group === '') return version;
	const text = `${group}/${version}`;
	const known = apiVersions.get(text);
	if (known !== undefined) return known;
	if (apiVersions.size >= API_VERSIONS_KEPT) apiVersions.clear();
	apiVersions.set(text, text);
	return text;
}

/** Objects are stored in their resource's first version; asked for in another, they are converted, or relabelled where the versions do not differ. */
export function inVersion(object: KubeObject, strategy: Strategy, version: string): KubeObject {
	const apiVersion = apiVersionOf(strategy, version);
	if (strategy.custom !== undefined) return strategy.custom.read(object, apiVersion);
	if (object.apiVersion === apiVersion) return object;
	return { ...(strategy.converted?.[version]?.fromStored(object) ?? object), apiVersion };
}

export function answer(resolved: ResolvedCall, code: number, object: KubeObject): ApiResult {
	const body = inVersion(asAsked(resolved, object), resolved.strategy, resolved.call.version);
	return resolved.warnings.length === 0 ? { code, body } : { code, body, warnings: resolved.warnings };
}

/** Runs the mutating steps of admission in their order; once more where a policy or webhook changed the object (`reinvoker.go`). */
export function mutate(context: HandlerContext, world: World, request: AdmissionRequest, warnings: string[]): KubeObject {
	const reinvocation: Reinvocation = { again: false, wanted: false, invoked: new Map() };
	const round = { ...request, reinvocation, warn: (text: string) => warnings.push(text) };
	let object = mutateOnce(context, world, round);
	if (!reinvocation.wanted) return object;
	reinvocation.again = true;
	object = mutateOnce(context, world, { ...round, object });
	return object;
}

function mutateOnce(context: HandlerContext, world: World, request: AdmissionRequest): KubeObject {
	let asked = request;
	for (const plugin of context.services.admission) {
		if (plugin.mutate === undefined) continue;
		const object = plugin.mutate(world, asked);
		if (object !== asked.object) asked = { ...asked, object };
	}
	return asked.object;
}

/** Runs the validating steps; each may refuse by throwing an ApiError. */
export function admit(context: HandlerContext, world: World, request: AdmissionRequest, warnings: string[]): void {
	for (const plugin of context.services.admission) {
		const said = plugin.validate?.(world, request);
		if (said !== undefined && said.length > 0) warnings.push(...said);
	}
}
