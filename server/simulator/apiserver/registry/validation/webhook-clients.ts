/** How webhooks' servers are named, in admission configurations and in definitions' conversions (`apiserver/pkg/util/webhook/validation.go`). */
import type { FieldError } from '../../types.ts';
import { checkDns1123Subdomain, invalidValue, requiredValue } from '../../validation.ts';
import { type Fields, fill, isRecord, rec, str } from '../fields.ts';
import { dns1035Errors } from './names.ts';

const REVIEWS = ['v1', 'v1beta1'];

/** `SetDefaults_ServiceReference`. */
export function withServicePort(webhook: Fields): Fields {
	const { clientConfig } = webhook;
	const service = rec(clientConfig).service;
	return isRecord(service) ? { ...webhook, clientConfig: { ...rec(clientConfig), service: fill(service, { port: 443 }) } } : webhook;
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

/** Where a webhook's server is. */
export function clientErrors(config: Fields, at: string): readonly FieldError[] {
	const hasUrl = config.url !== undefined;
	if (hasUrl === isRecord(config.service)) return [requiredValue(at, 'exactly one of url or service is required')];
	return hasUrl ? urlErrors(str(config.url), `${at}.url`) : serviceErrors(rec(config.service), `${at}.service`);
}

/** The review versions that a webhook's server knows: one of ours has to be among them. */
export function reviewErrors(versions: readonly string[], at: string): readonly FieldError[] {
	if (versions.length === 0) return [requiredValue(at, `must specify one of ${REVIEWS.join(', ')}`)];
	const out: FieldError[] = [];
	for (const [i, version] of versions.entries()) {
		if (versions.indexOf(version) < i) out.push(invalidValue(`${at}[${i}]`, version, 'duplicate version'));
		else for (const fault of dns1035Errors(version)) out.push(invalidValue(`${at}[${i}]`, version, fault));
	}
	if (!versions.some((v) => REVIEWS.includes(v))) out.push(invalidValue(at, versions, `must include at least one of ${REVIEWS.join(', ')}`));
	return out;
}
