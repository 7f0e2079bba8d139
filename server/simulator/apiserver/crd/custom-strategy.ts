/** Custom resources over the generic store: a strategy for each version of a definition (`pkg/registry/customresource/strategy.go`). */
import { isRecord, sameData } from '../equal.ts';
import { methodNotSupported } from '../errors.ts';
import { ApiError, type CustomParts, type FieldError, type KubeObject, type Strategy } from '../types.ts';
import { invalidValue } from '../validation.ts';
import { customTable } from './columns.ts';
import { checkMetadata } from './common-metadata.ts';
import { type Definition, type DefinitionVersion, hasCondition, type Props } from './definition.ts';
import { customType, isOpen } from './field-type.ts';
import { find, parsePath } from './json-path.ts';
import { ruleTree } from './rules.ts';
import { type RuleFindings, ruleFindings } from './rule-validation.ts';
import { schemaErrors } from './schema-validation.ts';
import { fillDefaults, prune } from './schema-values.ts';
import { typedErrors } from './typed.ts';

type Fields = { readonly [key: string]: unknown };

function decoder(schema: Props): CustomParts['decode'] {
	return (body) => {
		const unknown: string[] = [];
		let value = body;
		if (body['metadata'] !== undefined && body['metadata'] !== null) {
			const common = checkMetadata(body['metadata']);
			if (common.error !== undefined) return { value: body, unknown: [], error: common.error };
			unknown.push(...common.unknown);
			if (common.value['metadata'] !== body['metadata']) value = { ...body, metadata: common.value['metadata'] };
		}
		const dropped: string[] = [];
		value = prune(value, schema, true, dropped) as Fields;
		unknown.push(...dropped.sort().map((path) => `unknown field ${JSON.stringify(path)}`));
		return { value: fillDefaults(value, schema) as Fields, unknown };
	};
}

/** Objects as they are read, by the stored ones: a schema may have changed since they were written. */
function reader(schema: Props): CustomParts['read'] {
	const known = new WeakMap<KubeObject, KubeObject>();
	return (object, apiVersion) => {
		const seen = known.get(object);
		if (seen !== undefined) return seen;
		const filled = fillDefaults(prune(object, schema, true, []), schema) as KubeObject;
		const out = filled.apiVersion === apiVersion ? filled : { ...filled, apiVersion };
		known.set(object, out);
		return out;
	};
}

function withoutStatus(object: KubeObject): KubeObject {
	if (!('status' in object)) return object;
	const { status: _dropped, ...rest } = object;
	return rest as KubeObject;
}

const withStatus = (object: KubeObject, status: unknown): KubeObject => (status === undefined ? withoutStatus(object) : { ...object, status });

function selectable(version: DefinitionVersion): Pick<Strategy, 'selectableFields'> {
	const fields = version.selectableFields ?? [];
	if (fields.length === 0) return {};
	const paths = fields.map((f) => ({ name: f.jsonPath.replace(/^\./, ''), path: parsePath(f.jsonPath) ?? [] }));
	return {
		selectableFields: (object) =>
			Object.fromEntries(
				paths.map(({ name, path }) => {
					const [value] = find(object, path);
					return [name, value === undefined || isRecord(value) ? '' : String(value)];
				}),
			),
	};
}

function strategyOf(crd: Definition, version: DefinitionVersion, versions: readonly string[]): Strategy {
	const { group, names, scope } = crd.spec;
	const accepted = crd.status?.acceptedNames ?? names;
	const schema: Props = version.schema?.openAPIV3Schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
	const hasStatus = version.subresources?.status !== undefined;
	const scale = version.subresources?.scale;
	const terminating = hasCondition(crd, 'Terminating');
	const webhook = webhookOf(crd);
	// What an update finds is asked for twice, for its errors and for its warnings.
	let last: { readonly object: KubeObject; readonly old: KubeObject | undefined; readonly found: RuleFindings } | undefined;
	const findings = (object: KubeObject, old?: KubeObject): RuleFindings => {
		if (last?.object !== object || last.old !== old) last = { object, old, found: ruleFindings(schema, object, old) };
		return last.found;
	};
	const errors = (object: KubeObject, old?: KubeObject): readonly FieldError[] => {
		const wrong = schemaErrors(object, schema, '', old);
		// Rules speak of values of the right types (`hasBlockingErr`).
		if (wrong.some(isBlocking)) return ruleTree(schema) === undefined ? wrong : [...wrong, UNCHECKED];
		return [...wrong, ...findings(object, old).errors];
	};
	return {
		group,
		versions,
		served: version.served ? [version.name] : [],
		resource: names.plural,
		singular: accepted.singular ?? names.kind.toLowerCase(),
		kind: names.kind,
		shortNames: accepted.shortNames ?? [],
		categories: accepted.categories ?? [],
		namespaced: scope === 'Namespaced',
		...(hasStatus ? { subresources: ['status'] } : {}),
		prepareForCreate: (_world, object) => {
			if (terminating) throw createWhileTerminating(group, names.plural);
			const fresh = hasStatus ? withoutStatus(object) : object;
			return { ...fresh, metadata: { ...fresh.metadata, generation: 1 } };
		},
		prepareForUpdate: (_world, object, old) => {
			if (hasStatus) return withStatus(object, old['status']);
			// Without a status of its own, `status` is a field like any other, and a change of it counts.
			const { generation = 0 } = old.metadata;
			return sameData(object['status'], old['status']) ? object : { ...object, metadata: { ...object.metadata, generation: generation + 1 } };
		},
		prepareForStatusUpdate: (_world, object, old) =>
			withStatus({ ...old, metadata: { ...old.metadata, resourceVersion: object.metadata.resourceVersion } }, object['status']),
		validate: (_world, object) => errors(object),
		validateUpdate: (_world, object, old) => errors(object, old),
		validateStatusUpdate: (_world, object, old) => errors(object, old),
		warnings: (_world, object, old) => (old === undefined ? [] : findings(object, old).warnings),
		...selectable(version),
		table: customTable(version.additionalPrinterColumns),
		...(scale === undefined
			? {}
			: { scale: { specReplicas: scale.specReplicasPath, statusReplicas: scale.statusReplicasPath, selector: scale.labelSelectorPath ?? '' } }),
		custom: {
			version: version.name,
			storage: crd.spec.versions.find((v) => v.storage)?.name ?? version.name,
			decode: decoder(schema),
			read: reader(schema),
			typed: (body) => typedErrors(body, schema),
			schema,
			...(webhook === undefined ? {} : { webhook }),
			...(isOpen(schema) ? {} : { type: customType(schema, names.kind) }),
			...(version.deprecated === true ? { deprecation: version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated` } : {}),
		},
	};
}

/** Errors after which rules are not looked at: what is too long, too many, missing or of another type. */
const isBlocking = ({ type }: FieldError): boolean =>
	type === 'FieldValueTooLong' ||
	type === 'FieldValueTooMany' ||
	type === 'FieldValueRequired' ||
	type === 'FieldValueTypeInvalid' ||
	type === 'FieldValueNotSupported';

const UNCHECKED: FieldError = invalidValue(
	'<nil>',
	null,
	'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

function createWhileTerminating(group: string, resource: string): ApiError {
	const { status } = methodNotSupported({ group, resource }, 'create');
	return new ApiError({ ...status, message: 'create not allowed while custom resource definition is terminating' });
}

const webhookOf = ({ spec }: Definition): CustomParts['webhook'] => (spec.conversion?.strategy === 'Webhook' ? spec.conversion.webhook : undefined);

/** One strategy a version, the storage version's first. */
export function customStrategies(crd: Definition): readonly Strategy[] {
	const ordered = [...crd.spec.versions].sort((a, b) => Number(b.storage) - Number(a.storage));
	const names = ordered.map((v) => v.name);
	if (webhookOf(crd) === undefined) return ordered.map((version) => strategyOf(crd, version, names));
	// Handlers have such objects in the request's version until they are stored.
	return ordered.map((version) => strategyOf(crd, version, [version.name, ...names.filter((n) => n !== version.name)]));
}
