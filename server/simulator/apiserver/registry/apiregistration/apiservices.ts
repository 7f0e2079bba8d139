/** Which server answers for a group's version: kube-aggregator's `pkg/registry/apiservice`. */
import { formatTime } from '../../../kernel/time.ts';
import type { World } from '../../../kernel/world.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Subdomain, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { keepsMetadata } from '../status-update.ts';
import { changeField, changePart, type Fields, fill, isRecord, num, recs, specOf, statusOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { invalidEach } from '../validation/field.ts';
import { dns1035Errors, pathSegmentErrors } from '../validation/names.ts';
import { isPort, PORT_RANGE } from '../validation/numbers.ts';

const HTTPS = 443;

function serviceErrors(api: KubeObject): readonly FieldError[] {
	const { service, caBundle, insecureSkipTLSVerify } = specOf(api);
	const out: FieldError[] = [];
	if (!isRecord(service)) {
		if (str(caBundle) !== '') out.push(invalidValue('spec.caBundle', `${atobLength(str(caBundle))} bytes`, 'local APIServices may not have a caBundle'));
		if (insecureSkipTLSVerify === true) out.push(invalidValue('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
		return out;
	}
	if (str(service.namespace) === '') out.push(requiredValue('spec.service.namespace'));
	if (str(service.name) === '') out.push(requiredValue('spec.service.name'));
	if (!isPort(service.port)) out.push(invalidValue('spec.service.port', service.port, `port is not valid: ${PORT_RANGE}`));
	if (insecureSkipTLSVerify === true && str(caBundle) !== '') {
		out.push(invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
	}
	return out;
}

const atobLength = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4);

function validate(api: KubeObject): readonly FieldError[] {
	const spec = specOf(api);
	const { name } = api.metadata;
	const [group, version] = [str(spec.group), str(spec.version)];
	const out: FieldError[] = [];
	const wanted = `${version}.${group}`;
	if (name !== wanted && pathSegmentErrors(name).length === 0) {
		out.push(invalidValue('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`));
	}
	if (group === '' && version !== 'v1') out.push(requiredValue('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
	if (group !== '') out.push(...invalidEach('spec.group', group, checkDns1123Subdomain(group)));
	out.push(...invalidEach('spec.version', version, dns1035Errors(version)));
	const [groupPriority, versionPriority] = [num(spec.groupPriorityMinimum), num(spec.versionPriority)];
	if (groupPriority <= 0 || groupPriority > 20_000) out.push(invalidValue('spec.groupPriorityMinimum', groupPriority, 'must be positive and less than 20000'));
	if (versionPriority <= 0 || versionPriority > 1000) out.push(invalidValue('spec.versionPriority', versionPriority, 'must be positive and less than 1000'));
	return [...out, ...serviceErrors(api)];
}

function statusErrors(api: KubeObject): readonly FieldError[] {
	const values = ['True', 'False', 'Unknown'];
	return recs(statusOf(api).conditions).flatMap((c, i) =>
		values.includes(str(c.status)) ? [] : [notSupportedValue(`status.conditions[${i}].status`, str(c.status), values)],
	);
}

/** A group that the server answers for itself is there from the start. */
function localStatus(world: World): Fields {
	const lastTransitionTime = formatTime(world.now);
	if (lastLocal.lastTransitionTime !== lastTransitionTime) {
		const condition = { lastTransitionTime, message: 'Local APIServices are always available', reason: 'Local', status: 'True', type: 'Available' };
		lastLocal = { lastTransitionTime, status: { conditions: [condition] } };
	}
	return lastLocal.status;
}

/** The status of a moment, for all that are registered at it: at boot they come by the dozen. */
let lastLocal: { readonly lastTransitionTime: string; readonly status: Fields } = { lastTransitionTime: '', status: {} };

function service(api: KubeObject): string {
	const ref = specOf(api).service;
	return isRecord(ref) ? `${str(ref.namespace)}/${str(ref.name)}` : 'Local';
}

/** `True`, or `False (ServiceNotFound)`. */
function available(api: KubeObject): string {
	const condition = recs(statusOf(api).conditions).find((c) => c.type === 'Available');
	if (condition === undefined) return 'Unknown';
	return condition.status === 'True' ? 'True' : `${str(condition.status)} (${str(condition.reason)})`;
}

export const apiservices = defineResource({
	group: 'apiregistration.k8s.io',
	resource: 'apiservices',
	kind: 'APIService',
	categories: ['api-extensions'],
	namespaced: false,
	subresources: ['status'],
	prepareForStatusUpdate: keepsMetadata,
	indexes: { byService: (api) => (isRecord(specOf(api).service) ? [service(api)] : []) },
	validateName: pathSegmentErrors,
	prepareForCreate: (world, api) => (isRecord(specOf(api).service) ? api : { ...api, status: localStatus(world) }),
	defaults: (api) => changePart(api, 'spec', (spec) => changeField(spec, 'service', (s) => fill(s, { port: HTTPS }))),
	validate: (_world, api) => validate(api),
	validateUpdate: (_world, api) => validate(api),
	validateStatusUpdate: (_world, api) => statusErrors(api),
	table: table(['Name', 'Service', 'Available', 'Age'], (world, api) => [api.metadata.name, service(api), available(api), age(world, api)]),
});
