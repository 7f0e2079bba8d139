/** MutatingAdmissionWebhook and ValidatingAdmissionWebhook (`apiserver/pkg/admission/plugin/webhook`). */
import type { World } from '../../../kernel/world.ts';
import { isAsking } from '../../proxy/copy.ts';
import type { Services } from '../../../services.ts';
import { sameData } from '../../equal.ts';
import { badRequest, internalError } from '../../errors.ts';
import { newUid } from '../../handlers/uid.ts';
import { jsonPatchOrFault } from '../../patch/json.ts';
import { type Fields, recs, str } from '../../registry/fields.ts';
import { type AdmissionPlugin, type AdmissionRequest, ApiError, type KubeObject, type Reinvocation } from '../../types.ts';
import { type Attributes, attributesOf } from '../policy/attributes.ts';
import { matchConditions } from '../policy/conditions.ts';
import { configurationsOf } from '../policy/hooks.ts';
import { isExempt, matchesNamespaceSelector, matchesObjectSelector, matchRules, type NamespaceOf } from '../policy/match.ts';
import { ask } from './call.ts';
import { reviewOf, reviewVersion, type Verdict, verdictOf } from './review.ts';

interface Hook {
	readonly webhook: Fields;
	readonly configuration: string;
	/** Unique among all webhooks, and the place among those of its kind: audit annotations count by it. */
	readonly key: string;
	readonly index: number;
}

interface Invocation extends Hook {
	readonly attributes: Attributes;
	/** The request in the version that the webhook's rules speak of. */
	readonly matched: Attributes;
}

const callFault = (webhook: Fields, why: string): string => `failed calling webhook ${JSON.stringify(str(webhook.name))}: ${why}`;
const ignores = (webhook: Fields): boolean => webhook.failurePolicy === 'Ignore';

/** Whether a webhook is about this request; a fault of its conditions is the failure policy's to judge. */
function invocationOf(world: World, hook: Hook, attributes: Attributes, namespaceOf: NamespaceOf): Invocation | undefined {
	const { webhook } = hook;
	const matched = matchRules(recs(webhook.rules), webhook.matchPolicy, attributes);
	if (matched === undefined || !matchesObjectSelector(webhook.objectSelector, attributes)) return undefined;
	if (!matchesNamespaceSelector(world, webhook.namespaceSelector, attributes, namespaceOf)) return undefined;
	const conditions = matchConditions(webhook, { world, attributes, matched });
	if ('error' in conditions) throw internalError(conditions.error);
	return conditions.matches ? { ...hook, attributes, matched } : undefined;
}

/** Every webhook of every configuration, in the order of their names. */
function webhooksOf(configurations: readonly KubeObject[]): readonly Hook[] {
	return configurations
		.flatMap((c) => recs(c.webhooks).map((webhook) => ({ webhook, configuration: c.metadata.name, key: `webhook ${c.metadata.name}/${str(webhook.name)}` })))
		.map((hook, index) => ({ ...hook, index }));
}

/** Asks, takes warnings and annotations, and refuses where the webhook does. Undefined where it failed and may. */
function call(
	services: Services,
	world: World,
	{ webhook, attributes, matched, index }: Invocation,
	mutating: boolean,
	warn: (text: string) => void,
): Verdict | undefined {
	const { request } = attributes;
	const name = str(webhook.name);
	const round = request.reinvocation?.again === true ? 1 : 0;
	if (request.call.options.dryRun === true && webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun')
		throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
	const version = reviewVersion(webhook);
	const uid = newUid(world);
	const answer = ask(services, world, webhook, reviewOf(version, uid, attributes, matched));
	const verdict = 'error' in answer ? { error: `failed to call webhook: ${answer.error}` } : verdictOf(answer.body, version, uid, mutating);
	if ('error' in verdict) {
		if (!ignores(webhook)) throw internalError(callFault(webhook, verdict.error));
		request.call.annotate?.(`failed-open.${mutating ? 'mutating' : 'validating'}.webhook.admission.k8s.io/round_${round}_index_${index}`, name);
		return undefined;
	}
	for (const text of verdict.warnings) warn(text);
	for (const [key, value] of Object.entries(verdict.annotations)) request.call.annotate?.(`${name}/${key}`, String(value));
	if (!verdict.allowed) throw denial(name, verdict.result ?? {});
	return verdict;
}

/** `ToStatusErr`. */
function denial(name: string, result: Fields): ApiError {
	const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
	const [message, reason] = [str(result.message), str(result.reason)];
	const code = Number(result.code ?? 0);
	return new ApiError({
		kind: 'Status',
		apiVersion: 'v1',
		metadata: {},
		status: 'Failure',
		message: message !== '' ? `${denied}: ${message}` : reason !== '' ? `${denied}: ${reason}` : `${denied} without explanation`,
		...(reason === '' ? {} : { reason }),
		...(typeof result.details === 'object' && result.details !== null ? { details: result.details } : {}),
		code: Math.max(code, 400),
	});
}

const validatingConfigurations = configurationsOf('validatingwebhookconfigurations');
const mutatingConfigurations = configurationsOf('mutatingwebhookconfigurations');

/** Asks every webhook that is about a request which no answer changes. @returns their warnings. */
function asked(
	services: Services,
	world: World,
	request: AdmissionRequest,
	configurations: readonly KubeObject[],
	namespaceOf: NamespaceOf,
	mutating: boolean,
): readonly string[] | undefined {
	if (configurations.length === 0 || isAsking(world)) return undefined;
	const attributes = attributesOf(request);
	if (isExempt(attributes)) return undefined;
	const warnings: string[] = [];
	for (const hook of webhooksOf(configurations)) {
		const invocation = invocationOf(world, hook, attributes, namespaceOf);
		if (invocation === undefined) continue;
		const verdict = call(services, world, invocation, mutating, (text) => warnings.push(text));
		if (verdict !== undefined && mutating) patched(request, hook.webhook, verdict);
	}
	return warnings;
}

/** @param namespaceOf reads namespaces. */
export function validatingAdmissionWebhook(services: Services, namespaceOf: NamespaceOf): AdmissionPlugin {
	return {
		name: 'ValidatingAdmissionWebhook',
		validate: (world, request) => asked(services, world, request, validatingConfigurations(world), namespaceOf, false),
	};
}

/** The object as a webhook's patch makes it. */
function patched(request: AdmissionRequest, webhook: Fields, verdict: Verdict): KubeObject {
	if (verdict.patch.length === 0) return request.object;
	if (request.operation === 'DELETE' || request.call.subresource === 'scale')
		throw internalError(`admission webhook ${JSON.stringify(str(webhook.name))} attempted to modify the object, which is not supported for this operation`);
	const result = jsonPatchOrFault(request.object, verdict.patch);
	if (!('value' in result)) throw internalError(result.fault);
	const object = result.value as KubeObject;
	return request.strategy.defaults?.(object) ?? object;
}

/** Who changed what, for the audit event (`webhookAnnotator`). */
function annotateMutation({ attributes, configuration, webhook, index }: Invocation, { patch }: Verdict, mutated: boolean): void {
	const { call, reinvocation } = attributes.request;
	const place = `round_${reinvocation?.again === true ? 1 : 0}_index_${index}`;
	const who = { configuration, webhook: str(webhook.name) };
	call.annotate?.(`mutation.webhook.admission.k8s.io/${place}`, JSON.stringify({ ...who, mutated }));
	if (patch.length > 0) call.annotate?.(`patch.webhook.admission.k8s.io/${place}`, JSON.stringify({ ...who, patch, patchType: 'JSONPatch' }));
}

const NO_PASS: Reinvocation = { again: false, wanted: false, invoked: new Map() };

/** @param namespaceOf reads namespaces. */
export function mutatingAdmissionWebhook(services: Services, namespaceOf: NamespaceOf): AdmissionPlugin {
	return {
		name: 'MutatingAdmissionWebhook',
		/** A deletion has nothing to change, but mutating webhooks may be asked about it as well. */
		validate(world, request) {
			return request.operation === 'DELETE' ? asked(services, world, request, mutatingConfigurations(world), namespaceOf, true) : undefined;
		},
		mutate(world, request) {
			const configurations = mutatingConfigurations(world);
			if (configurations.length === 0 || isAsking(world)) return request.object;
			const pass = request.reinvocation ?? NO_PASS;
			let { object } = request;
			for (const hook of webhooksOf(configurations)) {
				const { webhook, key } = hook;
				const now = { ...request, object };
				const attributes = attributesOf(now);
				if (isExempt(attributes)) return object;
				const left = pass.invoked.get(key);
				// The second time round: those that ask for it, and only if others changed the object after them.
				if (pass.again && (left === undefined || sameData(left, object))) continue;
				const invocation = invocationOf(world, hook, attributes, namespaceOf);
				if (invocation === undefined) continue;
				const verdict = call(services, world, invocation, true, request.warn ?? (() => undefined));
				if (verdict === undefined) continue;
				const next = patched(now, webhook, verdict);
				const changed = !sameData(next, object);
				annotateMutation(invocation, verdict, changed);
				if (changed) pass.wanted = true;
				object = next;
				if (webhook.reinvocationPolicy === 'IfNeeded') pass.invoked.set(key, object);
			}
			return object;
		},
	};
}
