/** Webhook configurations: `pkg/registry/admissionregistration/{validating,mutating}webhookconfiguration`. */
import type { FieldError, KubeObject, Strategy } from '../../types.ts';
import { checkDns1123Subdomain, duplicateValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { type Fields, fill, isRecord, rec, recs, str, strs } from '../fields.ts';
import { age, countItems, table } from '../table.ts';
import { dns1035Errors } from '../validation/names.ts';
import { selectorErrors } from '../validation/selectors.ts';
import { conditionErrors, failurePolicyErrors, mapItems, matchPolicyErrors, reinvocationErrors, ruleDefaults, ruleErrors } from './rules.ts';

const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const REVIEWS = ['v1', 'v1beta1'];

function webhookDefaults(webhook: Fields, mutating: boolean): Fields {
	const filled = fill(webhook, {
		failurePolicy: 'Fail',
		matchPolicy: 'Equivalent',
		namespaceSelector: {},
		objectSelector: {},
		timeoutSeconds: 10,
		...(mutating ? { reinvocationPolicy: 'Never' } : {}),
	});
	const { clientConfig } = filled;
	const service = rec(clientConfig).service;
	const withPort = isRecord(service) ? { ...filled, clientConfig: { ...rec(clientConfig), service: fill(service, { port: 443 }) } } : filled;
	return mapItems(withPort, 'rules', ruleDefaults);
}

/** `IsFullyQualifiedName`. */
function nameErrors(name: string, at: string): readonly FieldError[] {
	if (name === '') return [requiredValue(at)];
	const wrong = checkDns1123Subdomain(name);
	if (wrong.length > 0) return [invalidValue(at, name, wrong.join(','))];
	return name.split('.').length < 3 ? [invalidValue(at, name, 'should be a domain with at least three segments separated by dots')] : [];
}

/** `ValidateWebhookURL`. */
function urlErrors(url: string, at: string): readonly FieldError[] {
	const form = '; desired format: https://host[/path]';
	const m = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(?:([^@/?#]*)@)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/.exec(url);
	if (m === null) return [requiredValue(at, `url must be a valid URL: parse ${JSON.stringify(url)}: invalid URI for request${form}`)];
	const [, scheme = '', user, host = '', , query, fragment] = m;
	const out: FieldError[] = [];
	if (scheme !== 'https') out.push(invalidValue(at, scheme, `'https' is the only allowed URL scheme${form}`));
	if (host === '') out.push(invalidValue(at, host, `host must be specified${form}`));
	if (user !== undefined) out.push(invalidValue(at, user, 'user information is not permitted in the URL'));
	if (fragment !== undefined && fragment.length > 1) out.push(invalidValue(at, fragment.slice(1), 'fragments are not permitted in the URL'));
	if (query !== undefined && query.length > 1) out.push(invalidValue(at, query.slice(1), 'query parameters are not permitted in the URL'));
	return out;
}

/** `ValidateWebhookService`. */
function serviceErrors(service: Fields, at: string): readonly FieldError[] {
	const out: FieldError[] = [];
	if (str(service.name) === '') out.push(requiredValue(`${at}.name`, 'service name is required'));
	if (str(service.namespace) === '') out.push(requiredValue(`${at}.namespace`, 'service namespace is required'));
	const port = Number(service.port);
	if (!(port >= 1 && port <= 65535)) out.push(invalidValue(`${at}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive'));
	const path = service.path === undefined ? '' : str(service.path);
	if (path === '' || path === '/') return out;
	if (path === '//') out.push(invalidValue(`${at}.path`, path, 'segment[0] may not be empty'));
	if (!path.startsWith('/')) out.push(invalidValue(`${at}.path`, path, "must start with a '/'"));
	const steps = path.slice(1).replace(/\/$/, '').split('/');
	for (const [i, step] of steps.entries()) {
		if (step === '') out.push(invalidValue(`${at}.path`, path, `segment[${i}] may not be empty`));
		else for (const fault of checkDns1123Subdomain(step)) out.push(invalidValue(`${at}.path`, path, `segment[${i}]: ${fault}`));
	}
	return out;
}

function clientErrors(config: Fields, at: string): readonly FieldError[] {
	const hasUrl = config.url !== undefined;
	if (hasUrl === isRecord(config.service)) return [requiredValue(at, 'exactly one of url or service is required')];
	return hasUrl ? urlErrors(str(config.url), `${at}.url`) : serviceErrors(rec(config.service), `${at}.service`);
}

function reviewErrors(versions: readonly string[], at: string): readonly FieldError[] {
	if (versions.length === 0) return [requiredValue(at, `must specify one of ${REVIEWS.join(', ')}`)];
	const out: FieldError[] = [];
	for (const [i, version] of versions.entries()) {
		if (versions.indexOf(version) < i) out.push(invalidValue(`${at}[${i}]`, version, 'duplicate version'));
		else for (const fault of dns1035Errors(version)) out.push(invalidValue(`${at}[${i}]`, version, fault));
	}
	if (!versions.some((v) => REVIEWS.includes(v))) out.push(invalidValue(at, versions, `must include at least one of ${REVIEWS.join(', ')}`));
	return out;
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
