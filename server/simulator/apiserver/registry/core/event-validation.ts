/** Events of both groups: `pkg/apis/core/validation/events.go`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { checkQualifiedName, invalidValue, requiredValue } from '../../validation.ts';
import { num, rec, str } from '../fields.ts';
import { invalidEach } from '../validation/field.ts';

const LONGEST: { readonly [field: string]: number } = { reportingInstance: 128, action: 128, reason: 128, message: 1024 };
const TYPES = ['Normal', 'Warning'];

/** legacyValidateEvent. An event with an eventTime comes from the newer recorder, which says more. */
export function eventErrors(event: KubeObject, controllerField: string): readonly FieldError[] {
	const about = str(rec(event.involvedObject).namespace);
	const { namespace = '' } = event.metadata;
	const elsewhere = invalidValue('involvedObject.namespace', about, 'does not match event.namespace');
	if (!event.eventTime) {
		const fits = about === '' ? namespace === '' || namespace === 'default' : about === namespace;
		return fits ? [] : [elsewhere];
	}
	const out: FieldError[] = about === '' && namespace !== 'default' && namespace !== 'kube-system' ? [elsewhere] : [];
	const controller = str(event.reportingComponent);
	if (controller === '') out.push(requiredValue(controllerField));
	out.push(...invalidEach(controllerField, controller, checkQualifiedName(controller)));
	for (const [field, most] of Object.entries(LONGEST)) {
		const value = str(event[field]);
		if (value === '' && field !== 'message') out.push(requiredValue(field));
		if (value.length > most) out.push(invalidValue(field, '', `can have at most ${most} characters`));
	}
	return out;
}

/** ValidateEventCreate for events.k8s.io/v1. */
export function newerEventErrors(event: KubeObject): readonly FieldError[] {
	const out = [...eventErrors(event, 'reportingController')];
	if (!event.eventTime) out.push(requiredValue('eventTime'));
	const type = str(event.type);
	if (!TYPES.includes(type)) out.push(invalidValue('type', '', `has invalid value: ${type}`));
	for (const field of ['firstTimestamp', 'lastTimestamp']) if (event[field]) out.push(invalidValue(field, '', 'needs to be unset'));
	if (num(event.count) !== 0) out.push(invalidValue('count', '', 'needs to be unset'));
	const { component, host } = rec(event.source);
	if (str(component) !== '' || str(host) !== '') out.push(invalidValue('source', '', 'needs to be unset'));
	return out;
}
