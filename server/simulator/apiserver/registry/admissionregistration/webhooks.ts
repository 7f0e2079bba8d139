/** Webhook configurations: `pkg/registry/admissionregistration/{validating,mutating}webhookconfiguration`. */
import type { FieldError, KubeObject, Strategy } from '../../types.ts';
import { checkDns1123Subdomain, duplicateValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { type Fields, fill, rec, recs, str, strs } from '../fields.ts';
import { age, countItems, table } from '../table.ts';
import { clientErrors, reviewErrors, withServicePort } from '../validation/webhook-clients.ts';
import { selectorErrors } from '../validation/selectors.ts';
import { conditionErrors, failurePolicyErrors, mapItems, matchPolicyErrors, reinvocationErrors, ruleDefaults, ruleErrors } from './rules.ts';

const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];

function webhookDefaults(webhook: Fields, mutating: boolean): Fields {
	const filled = fill(webhook, {
		failurePolicy: 'Fail',
		matchPolicy: 'Equivalent',
		namespaceSelector: {},
		objectSelector: {},
		timeoutSeconds: 10,
		...(mutating ? { reinvocationPolicy: 'Never' } : {}),
	});
	return mapItems(withServicePort(filled), 'rules', ruleDefaults);
}

/** `IsFullyQualifiedName`. */
function nameErrors(name: string, at: string): readonly FieldError[] {
	if (name === '') return [requiredValue(at)];
	const wrong = checkDns1123Subdomain(name);
	if (wrong.length > 0) return [invalidValue(at, name, wrong.join(','))];
	return name.split('.').length < 3 ? [invalidValue(at, name, 'should be a domain with at least three segments separated by dots')] : [];
}

function webhookErrors(webhook: Fields, at: string, mutating: boolean): readonly FieldError[] {
	const out: FieldError[] = [...nameErrors(str(webhook.name), `${at}.name`)];
	for (const [i, rule] of recs(webhook.rules).entries()) out.push(...ruleErrors(rule, `${at}.rules[${i}]`));
	out.push(...failurePolicyErrors(webhook.failurePolicy, `${at}.failurePolicy`), ...matchPolicyErrors(webhook.matchPolicy, `${at}.matchPolicy`));
	if (webhook.sideEffects === undefined) out.push(requiredValue(`${at}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`));
	else if (!SIDE_EFFECTS.includes(str(webhook.sideEffects))) out.push(notSupportedValue(`${at}.sideEffects`, webhook.sideEffects, SIDE_EFFECTS));
	const seconds = Number(webhook.timeoutSeconds ?? 10);
	if (seconds > 30 || seconds < 1) out.push(invalidValue(`${at}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds'));
	out.push(...selectorErrors(webhook.namespaceSelector, `${at}.namespaceSelector`), ...selectorErrors(webhook.objectSelector, `${at}.objectSelector`));
	if (mutating) out.push(...reinvocationErrors(webhook.reinvocationPolicy, `${at}.reinvocationPolicy`));
	out.push(...clientErrors(rec(webhook.clientConfig), `${at}.clientConfig`), ...conditionErrors(webhook, `${at}.matchConditions`));
	return [...out, ...reviewErrors(strs(webhook.admissionReviewVersions), `${at}.admissionReviewVersions`)];
}

function configurationErrors(object: KubeObject, mutating: boolean): readonly FieldError[] {
	const seen = new Set<string>();
	return recs(object.webhooks).flatMap((webhook, i) => {
		const out = [...webhookErrors(webhook, `webhooks[${i}]`, mutating)];
		const name = str(webhook.name);
		if (name !== '' && seen.has(name)) out.push(duplicateValue(`webhooks[${i}].name`, name));
		seen.add(name);
		return out;
	});
}

function configuration(kind: string, mutating: boolean): Strategy {
	return defineResource({
		group: 'admissionregistration.k8s.io',
		resource: `${kind.toLowerCase()}s`,
		kind,
		namespaced: false,
		generation: true,
		categories: ['api-extensions'],
		defaults: (object) => mapItems(object, 'webhooks', (w) => webhookDefaults(w, mutating)) as KubeObject,
		validate: (_world, object) => configurationErrors(object, mutating),
		validateUpdate: (_world, object) => configurationErrors(object, mutating),
		table: table(['Name', 'Webhooks:integer', 'Age'], (world, object) => [object.metadata.name, countItems(object.webhooks), age(world, object)]),
	});
}

export const validatingwebhookconfigurations = configuration('ValidatingWebhookConfiguration', false);
export const mutatingwebhookconfigurations = configuration('MutatingWebhookConfiguration', true);
