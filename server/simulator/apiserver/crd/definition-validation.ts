/** `ValidateCustomResourceDefinition` and its update (`pkg/apis/apiextensions/validation`). */
import type { FieldError } from '../types.ts';
import { checkDns1123Subdomain, duplicateValue, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../validation.ts';
import type { Column, Definition, DefinitionVersion, Names } from './definition.ts';
import { hasCondition } from './definition.ts';
import { isRecord, strs } from '../registry/fields.ts';
import { clientErrors, reviewErrors } from '../registry/validation/webhook-clients.ts';
import { isSimplePath, parsePath } from './json-path.ts';
import { structuralErrors } from './structural.ts';

const DNS1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const dns1035 = new RegExp(`^${DNS1035}$`);

/** `IsDNS1035Label`. */
function labelFaults(value: string): readonly string[] {
	const out: string[] = [];
	if (value.length > 63) out.push('must be no more than 63 bytes');
	if (!dns1035.test(value))
		out.push(
			"a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character " +
				`(e.g. 'my-name',  or 'abc-123', regex used for validation is '${DNS1035}')`,
		);
	return out;
}

function nameErrors(names: Names, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const label = (field: string, value: string): void => {
		const faults = labelFaults(value);
		if (faults.length > 0) out.push(invalidValue(`${path}.${field}`, value, faults.join(',')));
	};
	const kind = (field: string, value: string): void => {
		const faults = labelFaults(value.toLowerCase());
		if (faults.length > 0) out.push(invalidValue(`${path}.${field}`, value, `may have mixed case, but should otherwise match: ${faults.join(',')}`));
	};
	const { plural = '', singular = '', kind: own = '', listKind = '' } = names;
	for (const [field, value] of Object.entries({ plural, singular, kind: own, listKind })) if (value === '') out.push(requiredValue(`${path}.${field}`));
	if (plural !== '') label('plural', plural);
	if (singular !== '') label('singular', singular);
	if (own !== '') kind('kind', own);
	if (listKind !== '') kind('listKind', listKind);
	for (const [i, name] of (names.shortNames ?? []).entries()) label(`shortNames[${i}]`, name);
	for (const [i, name] of (names.categories ?? []).entries()) label(`categories[${i}]`, name);
	if (own !== '' && own === listKind) out.push(invalidValue(`${path}.listKind`, listKind, 'kind and listKind may not be the same'));
	return out;
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function columnErrors(column: Column, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	if (!column.name) out.push(requiredValue(`${path}.name`));
	if (!column.type) out.push(requiredValue(`${path}.type`, `must be one of ${COLUMN_TYPES.join(',')}`));
	else if (!COLUMN_TYPES.includes(column.type)) out.push(invalidValue(`${path}.type`, column.type, `must be one of ${COLUMN_TYPES.join(',')}`));
	if (column.format && !COLUMN_FORMATS.includes(column.format))
		out.push(invalidValue(`${path}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`));
	if (!column.jsonPath) out.push(requiredValue(`${path}.jsonPath`));
	else if (!column.jsonPath.startsWith('.') || parsePath(column.jsonPath) === undefined)
		out.push(invalidValue(`${path}.jsonPath`, column.jsonPath, 'is an invalid path'));
	return out;
}

function scaleErrors(version: DefinitionVersion, path: string): readonly FieldError[] {
	const scale = version.subresources?.scale;
	if (scale === undefined) return [];
	const out: FieldError[] = [];
	const check = (field: string, value: string | undefined, roots: readonly string[], required: boolean): void => {
		if (!value) {
			if (required) out.push(requiredValue(`${path}.scale.${field}`));
			return;
		}
		const simple = value.startsWith('.') && isSimplePath(value) && !value.includes('[');
		const rooted = roots.some((r) => value.startsWith(`.${r}.`));
		if (!simple) out.push(invalidValue(`${path}.scale.${field}`, value, 'must be a simple json path without array notation'));
		else if (!rooted) out.push(invalidValue(`${path}.scale.${field}`, value, `should be a json path under .${roots.join(' or .')}`));
	};
	check('specReplicasPath', scale.specReplicasPath, ['spec'], true);
	check('statusReplicasPath', scale.statusReplicasPath, ['status'], true);
	check('labelSelectorPath', scale.labelSelectorPath, ['spec', 'status'], false);
	return out;
}

function selectableErrors(version: DefinitionVersion, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const seen = new Set<string>();
	for (const [i, { jsonPath }] of (version.selectableFields ?? []).entries()) {
		const at = `${path}[${i}].jsonPath`;
		if (!jsonPath) out.push(requiredValue(at));
		else if (!isSimplePath(jsonPath) || !jsonPath.startsWith('.')) out.push(invalidValue(at, jsonPath, 'is an invalid path'));
		else if (jsonPath.startsWith('.metadata.')) out.push(invalidValue(at, jsonPath, 'must not point to fields in metadata'));
		else if (seen.has(jsonPath)) out.push(duplicateValue(at, jsonPath));
		seen.add(jsonPath);
	}
	return out;
}

function versionErrors(version: DefinitionVersion, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const faults = labelFaults(version.name ?? '');
	if (faults.length > 0) out.push(invalidValue(`${path}.name`, version.name ?? '', faults.join(',')));
	if (version.deprecationWarning !== undefined && version.deprecated !== true)
		out.push(invalidValue(`${path}.deprecationWarning`, version.deprecationWarning, 'can only be set for deprecated versions'));
	const schema = version.schema?.openAPIV3Schema;
	if (schema === undefined) out.push(requiredValue(`${path}.schema.openAPIV3Schema`, 'schemas are required'));
	else out.push(...structuralErrors(schema, `${path}.schema.openAPIV3Schema`));
	for (const [i, column] of (version.additionalPrinterColumns ?? []).entries()) out.push(...columnErrors(column, `${path}.additionalPrinterColumns[${i}]`));
	return [...out, ...scaleErrors(version, `${path}.subresources`), ...selectableErrors(version, `${path}.selectableFields`)];
}

/** What is wrong with a definition. */
export function definitionErrors(crd: Definition): readonly FieldError[] {
	const out: FieldError[] = [];
	const spec = crd.spec ?? {};
	const { group = '', scope = '', versions = [], names = { plural: '', kind: '' } } = spec;
	if (crd.metadata.name !== `${names.plural}.${group}`) out.push(invalidValue('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group'));
	if (group === '') out.push(requiredValue('spec.group'));
	else {
		const faults = checkDns1123Subdomain(group);
		if (faults.length > 0) out.push(invalidValue('spec.group', group, faults.join(',')));
		else if (!group.includes('.')) out.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'));
	}
	if (scope === '') out.push(requiredValue('spec.scope'));
	else if (scope !== 'Cluster' && scope !== 'Namespaced') out.push(notSupportedValue('spec.scope', scope, ['Cluster', 'Namespaced']));
	for (const [i, version] of versions.entries()) out.push(...versionErrors(version, `spec.versions[${i}]`));
	if (new Set(versions.map((v) => v.name)).size < versions.length) out.push(invalidValue('spec.versions', versions, 'must contain unique version names'));
	if (versions.filter((v) => v.storage).length !== 1)
		out.push(invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version'));
	out.push(...nameErrors(names, 'spec.names'));
	if (spec.preserveUnknownFields === true)
		out.push(
			invalidValue(
				'spec.preserveUnknownFields',
				true,
				'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
			),
		);
	out.push(...conversionErrors(spec.conversion));
	return out;
}

/** `validateCustomResourceConversion`: fields are named as in the internal type. */
function conversionErrors(conversion: Definition['spec']['conversion']): readonly FieldError[] {
	if (conversion === undefined) return [];
	const { strategy, webhook } = conversion;
	const at = 'spec.conversion';
	if (!strategy) return [requiredValue(`${at}.strategy`)];
	const out: FieldError[] = [];
	if (strategy !== 'None' && strategy !== 'Webhook') out.push(notSupportedValue(`${at}.strategy`, strategy, ['None', 'Webhook']));
	const { clientConfig, conversionReviewVersions } = webhook ?? {};
	const versions = strs(conversionReviewVersions);
	if (strategy !== 'Webhook') {
		const why = 'should not be set when strategy is not set to Webhook';
		if (clientConfig !== undefined) out.push(forbiddenValue(`${at}.webhookClientConfig`, why));
		if (versions.length > 0) out.push(forbiddenValue(`${at}.conversionReviewVersions`, why));
		return out;
	}
	if (!isRecord(clientConfig)) out.push(requiredValue(`${at}.webhookClientConfig`, 'required when strategy is set to Webhook'));
	else out.push(...clientErrors(clientConfig, `${at}.webhookClientConfig`));
	return [...out, ...(versions.length === 0 ? [requiredValue(`${at}.conversionReviewVersions`)] : reviewErrors(versions, `${at}.conversionReviewVersions`))];
}

/** What an update may not change. */
export function definitionUpdateErrors(crd: Definition, old: Definition): readonly FieldError[] {
	const out: FieldError[] = [...definitionErrors(crd)];
	if (crd.spec?.names === undefined || crd.spec.versions === undefined) return out;
	const immutable = (field: string, next: unknown, before: unknown): void => {
		if (next !== before) out.push(invalidValue(field, next, 'field is immutable'));
	};
	immutable('spec.group', crd.spec.group, old.spec.group);
	immutable('spec.names.plural', crd.spec.names.plural, old.spec.names.plural);
	if (hasCondition(old, 'Established')) {
		immutable('spec.scope', crd.spec.scope, old.spec.scope);
		immutable('spec.names.kind', crd.spec.names.kind, old.spec.names.kind);
	}
	for (const [i, name] of (old.status?.storedVersions ?? []).entries()) {
		if (crd.spec.versions.some((v) => v.name === name)) continue;
		const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
		out.push(invalidValue(`status.storedVersions[${i}]`, name, why));
	}
	return out;
}
