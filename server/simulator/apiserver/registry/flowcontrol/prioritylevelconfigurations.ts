/** Priority levels: `pkg/registry/flowcontrol/prioritylevelconfiguration`. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { changeField, changePart, type Fields, fill, isRecord, num, rec, specOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { mandatoryLevels } from './bootstrap.ts';

const MOST_QUEUES = 10_000_000;
/** Bits of a flow's hash that choose its hand of queues (`shufflesharding.MaxHashBits`). */
const HASH_BITS = 60;

/** The numbers that a zero, too, leaves to their default. */
const orDefault = (fields: Fields, defaults: Fields): Fields => {
	const zeros = Object.keys(defaults).filter((f) => fields[f] === 0);
	return fill(zeros.length === 0 ? fields : { ...fields, ...Object.fromEntries(zeros.map((f) => [f, undefined])) }, defaults);
};

function specDefaults(spec: Fields): Fields {
	const exempt = changeField(spec, 'exempt', (e) => fill(e, { nominalConcurrencyShares: 0, lendablePercent: 0 }));
	return changeField(exempt, 'limited', (l) =>
		changeField(fill(l, { nominalConcurrencyShares: 30, lendablePercent: 0 }), 'limitResponse', (r) =>
			changeField(r, 'queuing', (q) => orDefault(q, { handSize: 8, queues: 64, queueLengthLimit: 50 })),
		),
	);
}

function percentErrors(level: Fields, field: string): readonly FieldError[] {
	const p = level.lendablePercent;
	return typeof p === 'number' && (p < 0 || p > 100) ? [invalidValue(`${field}.lendablePercent`, p, 'must be between 0 and 100, inclusive')] : [];
}

/** RequiredEntropyBits: how many bits it takes to tell all hands of queues apart. */
const entropyBits = (queues: number, hand: number): number => Math.ceil(Math.log2(queues) * hand);

function queuingErrors(q: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const [queues, hand] = [num(q.queues), num(q.handSize)];
	if (num(q.queueLengthLimit) <= 0) out.push(invalidValue(`${field}.queueLengthLimit`, q.queueLengthLimit, 'must be positive'));
	if (queues <= 0) out.push(invalidValue(`${field}.queues`, queues, 'must be positive'));
	else if (queues > MOST_QUEUES) out.push(invalidValue(`${field}.queues`, queues, `must not be greater than ${MOST_QUEUES}`));
	if (hand <= 0) out.push(invalidValue(`${field}.handSize`, hand, 'must be positive'));
	else if (hand > queues) out.push(invalidValue(`${field}.handSize`, hand, `should not be greater than queues (${queues})`));
	else if (entropyBits(queues, hand) > HASH_BITS) {
		const why = `required entropy bits of deckSize ${queues} and handSize ${hand} should not be greater than ${HASH_BITS}`;
		out.push(invalidValue(`${field}.handSize`, hand, why));
	}
	return out;
}

function limitedErrors(limited: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const shares = limited.nominalConcurrencyShares;
	if (num(shares) < 0) out.push(invalidValue(`${field}.nominalConcurrencyShares`, shares, 'must be a non-negative integer'));
	const response = rec(limited.limitResponse);
	const at = `${field}.limitResponse`;
	if (response.type === 'Reject') {
		if (response.queuing !== undefined) out.push(forbiddenValue(`${at}.queuing`, 'must be nil if limited.limitResponse.type is not Limited'));
	} else if (response.type !== 'Queue') out.push(notSupportedValue(`${at}.type`, str(response.type), ['Queue', 'Reject']));
	else if (!isRecord(response.queuing)) out.push(requiredValue(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Limited'));
	else out.push(...queuingErrors(response.queuing, `${at}.queuing`));
	out.push(...percentErrors(limited, field));
	if (num(limited.borrowingLimitPercent) < 0) {
		out.push(invalidValue(`${field}.borrowingLimitPercent`, limited.borrowingLimitPercent, 'if specified, must be a non-negative integer'));
	}
	return out;
}

function validate(level: KubeObject): readonly FieldError[] {
	const { name } = level.metadata;
	const spec = specOf(level);
	const out: FieldError[] = [];
	const { type, limited, exempt } = spec;
	if ((name === 'exempt') !== (type === 'Exempt')) out.push(invalidValue('spec.type', str(type), "type must be 'Exempt' if and only if name is 'exempt'"));
	if (type === 'Exempt') {
		if (limited !== undefined) out.push(forbiddenValue('spec.limited', 'must be nil if the type is not Limited'));
		const shares = rec(exempt).nominalConcurrencyShares;
		if (num(shares) < 0) out.push(invalidValue('spec.exempt.nominalConcurrencyShares', shares, 'must be a non-negative integer'));
		out.push(...percentErrors(rec(exempt), 'spec.exempt'));
	} else if (type !== 'Limited') out.push(notSupportedValue('spec.type', str(type), ['Exempt', 'Limited']));
	else {
		if (exempt !== undefined) out.push(forbiddenValue('spec.exempt', 'must be nil if the type is Limited'));
		if (!isRecord(limited)) out.push(requiredValue('spec.limited', 'must not be empty when type is Limited'));
		else out.push(...limitedErrors(limited, 'spec.limited'));
	}
	return [...out, ...mandatoryErrors(name, spec)];
}

/** Two levels are the server's own; of `exempt` the shares may be changed. */
function mandatoryErrors(name: string, spec: Fields): readonly FieldError[] {
	const fixed = mandatoryLevels[name];
	if (fixed === undefined) return [];
	if (name === 'exempt') {
		if (sameData({ ...spec, exempt: fixed.exempt }, fixed)) return [];
		return [invalidValue('spec', spec, "spec of 'exempt' except the 'spec.exempt' field must equal the fixed value")];
	}
	return sameData(spec, fixed) ? [] : [invalidValue('spec', spec, `spec of '${name}' must equal the fixed value`)];
}

export const prioritylevelconfigurations = defineResource({
	group: 'flowcontrol.apiserver.k8s.io',
	resource: 'prioritylevelconfigurations',
	kind: 'PriorityLevelConfiguration',
	namespaced: false,
	generation: true,
	subresources: ['status'],
	defaults: (level) => changePart(level, 'spec', specDefaults),
	validate: (_world, level) => validate(level),
	validateUpdate: (_world, level) => validate(level),
	table: table(['Name', 'Type', 'NominalConcurrencyShares', 'Queues', 'HandSize', 'QueueLengthLimit', 'Age'], (world, level) => {
		const spec = specOf(level);
		const limited = rec(spec.limited);
		const q = rec(rec(limited.limitResponse).queuing);
		const cell = (value: unknown): number | string => (typeof value === 'number' ? value : '<none>');
		return [
			level.metadata.name,
			str(spec.type),
			cell(limited.nominalConcurrencyShares),
			cell(q.queues),
			cell(q.handSize),
			cell(q.queueLengthLimit),
			age(world, level),
		];
	}),
});
