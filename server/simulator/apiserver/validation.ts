/** Field errors as upstream's `util/validation/field` words them, and the rules of `ValidateObjectMeta`. */
import { invalid } from './errors.ts';
import type { ApiError, FieldError, KubeObject, StatusCause, Strategy } from './types.ts';

/** A Go value as `%q`/`%v` prints it inside a field error: texts quoted, the rest as JSON. */
function valueText(value: unknown): string {
	return value === undefined ? 'null' : JSON.stringify(value);
}

export const invalidValue = (field: string, value: unknown, detail: string): FieldError => ({
	field,
	type: 'FieldValueInvalid',
	message: `Invalid value: ${valueText(value)}${detail === '' ? '' : `: ${detail}`}`,
});
export const requiredValue = (field: string, detail = ''): FieldError => ({
	field,
	type: 'FieldValueRequired',
	message: `Required value${detail === '' ? '' : `: ${detail}`}`,
});
export const forbiddenValue = (field: string, detail: string): FieldError => ({ field, type: 'FieldValueForbidden', message: `Forbidden: ${detail}` });
export const duplicateValue = (field: string, value: unknown): FieldError => ({
	field,
	type: 'FieldValueDuplicate',
	message: `Duplicate value: ${valueText(value)}`,
});
export const notFoundValue = (field: string, value: unknown): FieldError => ({
	field,
	type: 'FieldValueNotFound',
	message: `Not found: ${valueText(value)}`,
});
export const notSupportedValue = (field: string, value: unknown, valid: readonly string[]): FieldError => ({
	field,
	type: 'FieldValueNotSupported',
	message: `Unsupported value: ${valueText(value)}${valid.length === 0 ? '' : `: supported values: ${valid.map((v) => JSON.stringify(v)).join(', ')}`}`,
});
export const tooLongValue = (field: string, max: number): FieldError => ({
	field,
	type: 'FieldValueTooLong',
	message: `Too long: may not be more than ${max} bytes`,
});

/** The Status 422 for field errors: `Pod "x" is invalid: [a, b]` with one cause an error. */
export function invalidObject(strategy: Pick<Strategy, 'group' | 'kind'>, name: string, errors: readonly FieldError[]): ApiError {
	const texts = [...new Set(errors.map((e) => `${e.field}: ${e.message}`))];
	const causes: readonly StatusCause[] = errors.map((e) => ({ reason: e.type, message: e.message, field: e.field }));
	const [first] = texts;
	const message = texts.length === 1 && first !== undefined ? first : `[${texts.join(', ')}]`;
	return invalid(strategy.group, strategy.kind, name, message, causes);
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const dns1123Label = new RegExp(`^${LABEL}$`);
const dns1123Subdomain = new RegExp(`^${SUBDOMAIN}$`);
const qualified = new RegExp(`^${QUALIFIED}$`);
const labelValue = new RegExp(`^${LABEL_VALUE}$`);

/** `IsDNS1123Label`: what is wrong with a name, nothing when it is right. */
export function checkDns1123Label(value: string): readonly string[] {
	const out: string[] = [];
	if (value.length > 63) out.push('must be no more than 63 bytes');
	if (!dns1123Label.test(value)) {
		out.push(
			"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character " +
				`(e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
		);
	}
	return out;
}

/** `IsDNS1123Subdomain`. */
export function checkDns1123Subdomain(value: string): readonly string[] {
	const out: string[] = [];
	if (value.length > 253) out.push('must be no more than 253 bytes');
	if (!dns1123Subdomain.test(value)) {
		out.push(
			"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character " +
				`(e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
		);
	}
	return out;
}

/** `IsQualifiedName`: label and annotation keys. */
export function checkQualifiedName(value: string): readonly string[] {
	const regexText = `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}')`;
	const rule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
	const parts = value.split('/');
	const out: string[] = [];
	let name = parts[0] ?? '';
	if (parts.length === 2) {
		name = parts[1] ?? '';
		const prefix = parts[0] ?? '';
		if (prefix === '') out.push('prefix part must be non-empty');
		else out.push(...checkDns1123Subdomain(prefix).map((e) => `prefix part ${e}`));
	} else if (parts.length > 2) {
		return [`a qualified name ${rule} ${regexText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
	}
	if (name === '') out.push('name part must be non-empty');
	else if (name.length > 63) out.push('name part must be no more than 63 bytes');
	if (!qualified.test(name)) out.push(`name part ${rule} ${regexText}`);
	return out;
}

/** `IsValidLabelValue`. */
export function checkLabelValue(value: string): readonly string[] {
	const out: string[] = [];
	if (value.length > 63) out.push('must be no more than 63 bytes');
	if (!labelValue.test(value)) {
		out.push(
			"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
				`(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${LABEL_VALUE}')`,
		);
	}
	return out;
}

/** Bytes of all annotations of an object together (`TotalAnnotationSizeLimitB`). */
const ANNOTATIONS_LIMIT = 256 * 1024;

function labelErrors(labels: { readonly [key: string]: string } | undefined, field: string): FieldError[] {
	const out: FieldError[] = [];
	if (labels === undefined) return out;
	for (const [k, v] of Object.entries(labels)) {
		for (const e of checkQualifiedName(k)) out.push(invalidValue(field, k, e));
		for (const e of checkLabelValue(v)) out.push(invalidValue(field, v, e));
	}
	return out;
}

function annotationErrors(annotations: { readonly [key: string]: string } | undefined): FieldError[] {
	const out: FieldError[] = [];
	if (annotations === undefined) return out;
	let size = 0;
	for (const [k, v] of Object.entries(annotations)) {
		for (const e of checkQualifiedName(k.toLowerCase())) out.push(invalidValue('metadata.annotations', k, e));
		size += k.length + v.length;
	}
	if (size > ANNOTATIONS_LIMIT) out.push(tooLongValue('metadata.annotations', ANNOTATIONS_LIMIT));
	return out;
}

function ownerErrors(object: KubeObject): FieldError[] {
	const out: FieldError[] = [];
	let controller: string | undefined;
	for (const [i, owner] of (object.metadata.ownerReferences ?? []).entries()) {
		const field = `metadata.ownerReferences[${i}]`;
		if (!owner.apiVersion) out.push(invalidValue(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
		if (!owner.kind) out.push(invalidValue(`${field}.kind`, owner.kind ?? '', 'must not be empty'));
		if (!owner.name) out.push(invalidValue(`${field}.name`, owner.name ?? '', 'must not be empty'));
		if (!owner.uid) out.push(invalidValue(`${field}.uid`, owner.uid ?? '', 'must not be empty'));
		if (owner.controller !== true) continue;
		if (controller !== undefined) {
			out.push(
				invalidValue(
					'metadata.ownerReferences',
					object.metadata.ownerReferences,
					`Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`,
				),
			);
		}
		controller = owner.name;
	}
	return out;
}

function finalizerErrors(finalizers: readonly string[] | undefined): FieldError[] {
	const out: FieldError[] = [];
	const present = finalizers ?? [];
	for (const [i, f] of present.entries()) for (const e of checkQualifiedName(f)) out.push(invalidValue(`metadata.finalizers[${i}]`, f, e));
	if (present.includes('orphan') && present.includes('foregroundDeletion')) {
		out.push(invalidValue('metadata.finalizers', present, 'finalizer orphan and foregroundDeletion cannot be both set'));
	}
	return out;
}

/** `ValidateObjectMeta`: names, labels, annotations, owners, finalizers. */
export function metaErrors(strategy: Strategy, object: KubeObject): readonly FieldError[] {
	const meta = object.metadata;
	const out: FieldError[] = [];
	const check = strategy.validateName ?? checkDns1123Subdomain;
	if (meta.generateName !== undefined && meta.generateName !== '') {
		// A prefix may end in a dash: upstream masks it before it asks the name's rule.
		for (const e of check(`${meta.generateName.replace(/-$/, '')}a`)) out.push(invalidValue('metadata.generateName', meta.generateName, e));
	}
	if (meta.name === undefined || meta.name === '') out.push(requiredValue('metadata.name', 'name or generateName is required'));
	else for (const e of check(meta.name)) out.push(invalidValue('metadata.name', meta.name, e));
	if (!strategy.namespaced && meta.namespace) out.push(forbiddenValue('metadata.namespace', 'not allowed on this type'));
	out.push(...labelErrors(meta.labels, 'metadata.labels'), ...annotationErrors(meta.annotations), ...ownerErrors(object), ...finalizerErrors(meta.finalizers));
	return out;
}

/** `ValidateObjectMetaUpdate`: what may never change, and finalizers of an object that is on its way out. */
export function metaUpdateErrors(object: KubeObject, old: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	const immutable = (field: 'name' | 'namespace' | 'uid' | 'creationTimestamp'): void => {
		if ((object.metadata[field] ?? '') !== (old.metadata[field] ?? '')) {
			out.push(invalidValue(`metadata.${field}`, object.metadata[field] ?? '', 'field is immutable'));
		}
	};
	immutable('name');
	immutable('namespace');
	immutable('uid');
	immutable('creationTimestamp');
	if (old.metadata.deletionTimestamp !== undefined) {
		const added = (object.metadata.finalizers ?? []).filter((f) => !(old.metadata.finalizers ?? []).includes(f));
		if (added.length > 0) {
			const list = added.map((f) => JSON.stringify(f)).join(', ');
			out.push(forbiddenValue('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`));
		}
	}
	return out;
}
