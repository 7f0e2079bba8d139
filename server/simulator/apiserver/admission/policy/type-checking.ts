/** What a ValidatingAdmissionPolicy's expressions get wrong about the kinds they are for (`apiserver/pkg/admission/plugin/policy/validating/typechecking.go`). */
import { escapeName, unescapeName } from '../../cel/escaping.ts';
import { declare } from '../../cel/schema.ts';
import { issueText } from '../../cel/syntax.ts';
import { BOOL, BYTES, DOUBLE, DYN, INT, listOf, mapOf, STRING, TIMESTAMP, type Type } from '../../cel/types.ts';
import { kindType, type StructType, type Type as ApiType } from '../../openapi/schema.ts';
import { type Fields, rec, recs, str, strs } from '../../registry/fields.ts';
import type { KubeObject, Strategy } from '../../types.ts';
import { PolicyCompiler } from './expressions.ts';

/** Kinds that one policy is checked against (`maxTypesToCheck`). */
const MAX_TYPES = 10;

/** Derived from the API's own types: serves all worlds. */
const objects = new WeakMap<StructType, Type>();

function objectOf(struct: StructType): Type {
	let found = objects.get(struct);
	if (found === undefined) {
		const field = (identifier: string): Type | undefined => {
			const name = unescapeName(identifier);
			const known = name === undefined || escapeName(name) !== identifier ? undefined : struct.fields.get(name);
			return known === undefined ? undefined : typeOf(known.type);
		};
		found = { kind: 'object', name: struct.id, field };
		objects.set(struct, found);
	}
	return found;
}

function typeOf(type: ApiType): Type {
	switch (type.kind) {
		case 'struct':
			return objectOf(type);
		case 'list':
			return listOf(typeOf(type.of));
		case 'map':
			return mapOf(STRING, typeOf(type.of));
		case 'string':
		case 'Quantity':
		case 'Duration':
			return STRING;
		case 'bool':
			return BOOL;
		case 'int32':
		case 'int64':
			return INT;
		case 'float64':
			return DOUBLE;
		case 'bytes':
			return BYTES;
		case 'Time':
		case 'MicroTime':
			return TIMESTAMP;
		default:
			return DYN;
	}
}

interface Kind {
	readonly group: string;
	readonly version: string;
	readonly strategy: Strategy;
}

function typeOfKind({ group, version, strategy }: Kind): Type | undefined {
	if (strategy.custom !== undefined) return declare(strategy.custom.schema, true, strategy.kind)?.type;
	const struct = kindType(group, version, strategy.kind);
	return struct === undefined ? undefined : objectOf(struct);
}

/** The kinds that a policy's rules name; a rule with a wildcard names none. */
function kindsOf(spec: Fields, strategies: readonly Strategy[]): readonly Kind[] {
	const out = new Map<string, Kind>();
	for (const rule of recs(rec(spec.matchConstraints).resourceRules)) {
		const [groups, versions] = [strs(rule.apiGroups), strs(rule.apiVersions)];
		if ([...groups, ...versions].some((text) => text.includes('*'))) continue;
		const wanted = strs(rule.resources).filter((r) => !/[*/]/.test(r));
		for (const strategy of strategies) {
			if (!groups.includes(strategy.group) || !wanted.includes(strategy.resource)) continue;
			for (const version of versions) {
				if (strategy.versions.includes(version)) out.set(`${strategy.group}/${version}/${strategy.kind}`, { group: strategy.group, version, strategy });
			}
		}
	}
	return [...out]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([, kind]) => kind)
		.slice(0, MAX_TYPES);
}

function paramsOf(spec: Fields, strategies: readonly Strategy[]): Type | undefined {
	const { apiVersion, kind } = rec(spec.paramKind);
	const [first = '', second] = str(apiVersion).split('/');
	const [group, version] = second === undefined ? ['', first] : [first, second];
	const strategy = strategies.find((s) => s.group === group && s.kind === kind && s.versions.includes(version));
	return strategy === undefined ? undefined : typeOfKind({ group, version, strategy });
}

export interface ExpressionWarning {
	readonly fieldRef: string;
	readonly warning: string;
}

/** One warning for each expression that a kind has fields for that it is not, or the other way round. */
export function expressionWarnings(policy: KubeObject, strategies: readonly Strategy[]): readonly ExpressionWarning[] {
	const spec = rec(policy.spec);
	const params = paramsOf(spec, strategies);
	const checks = kindsOf(spec, strategies).flatMap((kind) => {
		const object = typeOfKind(kind);
		const name = `${kind.group}/${kind.version}, Kind=${kind.strategy.kind}`;
		return object === undefined ? [] : [{ name, compiler: new PolicyCompiler(spec, { types: { object, ...(params === undefined ? {} : { params }) } }) }];
	});
	const out: ExpressionWarning[] = [];
	const check = (fieldRef: string, source: string): void => {
		const texts = checks.flatMap(({ name, compiler }) => {
			const compiled = compiler.compile(source);
			return 'error' in compiled ? [`${name}: ${issueText(source, compiled.issues)}\n`] : [];
		});
		if (texts.length > 0) out.push({ fieldRef, warning: texts.join('\n') });
	};
	for (const [i, v] of recs(spec.validations).entries()) {
		check(`spec.validations[${i}].expression`, str(v.expression));
		if (str(v.messageExpression) !== '') check(`spec.validations[${i}].messageExpression`, str(v.messageExpression));
	}
	return out;
}
