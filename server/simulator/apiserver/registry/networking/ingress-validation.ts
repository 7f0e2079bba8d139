/** Rules for ingresses: `pkg/apis/networking/validation/validation.go`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Subdomain, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { dns1035Errors, isIP } from '../validation/names.ts';
import { type Fields, isRecord, num, rec, recs, specOf, str, strs } from '../fields.ts';
import { invalidEach } from '../validation/field.ts';
import { isPort, PORT_RANGE } from '../validation/numbers.ts';

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const WILDCARD =
	"a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function hostErrors(host: string, field: string): readonly FieldError[] {
	if (host === '') return [];
	if (isIP(host)) return [invalidValue(field, host, 'must be a DNS name, not an IP address')];
	if (host.includes('*'))
		return /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(host) ? [] : [invalidValue(field, host, WILDCARD)];
	return invalidEach(field, host, checkDns1123Subdomain(host));
}

function backendErrors(backend: Fields, field: string): readonly FieldError[] {
	const { service, resource } = backend;
	if (isRecord(service) && isRecord(resource)) return [invalidValue(field, '', 'cannot set both resource and service backends')];
	if (isRecord(resource)) {
		return ['kind', 'name'].flatMap((f) => (str(resource[f]) === '' ? [requiredValue(`${field}.resource.${f}`)] : []));
	}
	if (!isRecord(service)) return [requiredValue(field, 'resource or service backend is required')];
	const out: FieldError[] = [];
	const name = str(service.name);
	if (name === '') out.push(requiredValue(`${field}.service.name`));
	else out.push(...invalidEach(`${field}.service.name`, name, dns1035Errors(name)));
	const port = rec(service.port);
	const number = num(port.number);
	const portName = str(port.name);
	if (number !== 0 && portName !== '') out.push(invalidValue(`${field}.service.port`, '', 'cannot set both port name & port number'));
	else if (number === 0 && portName === '') out.push(requiredValue(`${field}.service.port`, 'port name or number is required'));
	else if (number !== 0 && !isPort(number)) out.push(invalidValue(`${field}.service.port.number`, number, PORT_RANGE));
	return out;
}

function pathErrors(path: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const text = str(path.path);
	switch (path.pathType) {
		case undefined:
		case null:
			return [requiredValue(`${field}.pathType`, 'pathType must be specified')];
		case 'Exact':
		case 'Prefix':
			if (!text.startsWith('/')) out.push(invalidValue(`${field}.path`, text, 'must be an absolute path'));
			for (const bad of ['//', '/./', '/../', '%2f', '%2F']) if (text.includes(bad)) out.push(invalidValue(`${field}.path`, text, `must not contain '${bad}'`));
			for (const bad of ['/..', '/.']) if (text.endsWith(bad)) out.push(invalidValue(`${field}.path`, text, `cannot end with '${bad}'`));
			break;
		case 'ImplementationSpecific':
			if (text !== '' && !text.startsWith('/')) out.push(invalidValue(`${field}.path`, text, 'must be an absolute path'));
			break;
		default:
			out.push(notSupportedValue(`${field}.pathType`, path.pathType, PATH_TYPES));
	}
	return [...out, ...backendErrors(rec(path.backend), `${field}.backend`)];
}

export function ingressErrors(ingress: KubeObject): readonly FieldError[] {
	const spec = specOf(ingress);
	const out: FieldError[] = [];
	const rules = recs(spec.rules);
	if (rules.length === 0 && !isRecord(spec.defaultBackend)) {
		out.push(invalidValue('spec', goSpec(spec), 'either `defaultBackend` or `rules` must be specified'));
	}
	if (isRecord(spec.defaultBackend)) out.push(...backendErrors(spec.defaultBackend, 'spec.defaultBackend'));
	for (const [i, rule] of rules.entries()) {
		const field = `spec.rules[${i}]`;
		out.push(...hostErrors(str(rule.host), `${field}.host`));
		if (!isRecord(rule.http)) continue;
		const paths = recs(rule.http.paths);
		if (paths.length === 0) out.push(requiredValue(`${field}.http.paths`));
		for (const [j, path] of paths.entries()) out.push(...pathErrors(path, `${field}.http.paths[${j}]`));
	}
	for (const [i, tls] of recs(spec.tls).entries()) {
		for (const [j, host] of strs(tls.hosts).entries()) out.push(...hostErrors(host, `spec.tls[${i}].hosts[${j}]`));
	}
	const className = str(spec.ingressClassName);
	if (className !== '') out.push(...invalidEach('spec.ingressClassName', className, checkDns1123Subdomain(className)));
	const annotation = ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
	if (annotation !== undefined && className !== '') {
		out.push(invalidValue('metadata.annotations.kubernetes.io/ingress.class', annotation, 'can not be set when the class field is also set'));
	}
	return out;
}

/** An IngressSpec of Go's internal type, as its errors print it. */
const goSpec = (spec: Fields): Fields => ({
	IngressClassName: spec.ingressClassName ?? null,
	DefaultBackend: null,
	TLS: spec.tls ?? null,
	Rules: null,
});

export function ingressWarnings(ingress: KubeObject): readonly string[] {
	if (ingress.metadata.annotations?.['kubernetes.io/ingress.class'] === undefined) return [];
	return ['annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead'];
}
