/** Rules for network policies: `pkg/apis/networking/validation/validation.go`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { type Fields, isRecord, num, rec, recs, specOf, str, strs } from '../fields.ts';
import { isCIDR } from '../validation/names.ts';
import { selectorErrors } from '../validation/selectors.ts';
import { portOrNameErrors } from '../core/probe-validation.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const CIDR_TEXT = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function portErrors(port: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	if (port.protocol !== undefined && !PROTOCOLS.includes(str(port.protocol))) out.push(notSupportedValue(`${field}.protocol`, port.protocol, PROTOCOLS));
	if (port.port !== undefined && port.port !== null) {
		out.push(...portOrNameErrors(`${field}.port`, port.port));
		if (port.endPort !== undefined) {
			if (typeof port.port === 'string') out.push(invalidValue(`${field}.endPort`, num(port.endPort), 'may not be specified when `port` is non-numeric'));
			else if (num(port.endPort) < num(port.port)) out.push(invalidValue(`${field}.endPort`, num(port.endPort), 'must be greater than or equal to `port`'));
		}
	} else if (port.endPort !== undefined) out.push(invalidValue(`${field}.endPort`, num(port.endPort), 'may not be specified when `port` is not specified'));
	return out;
}

/** An IPv4 block as the number of its first address and its length; undefined for any other. */
function block(cidr: string): { readonly start: number; readonly bits: number } | undefined {
	const [address = '', bits = ''] = cidr.split('/');
	const parts = address.split('.').map(Number);
	if (parts.length !== 4) return undefined;
	return { start: parts.reduce((n, p) => n * 256 + p, 0), bits: Number(bits) };
}

function isStrictSubset(inner: string, outer: string): boolean {
	const [a, b] = [block(inner), block(outer)];
	if (a === undefined || b === undefined) return true;
	const size = 2 ** (32 - b.bits);
	return a.bits > b.bits && Math.floor(a.start / size) === Math.floor(b.start / size);
}

function ipBlockErrors(ipBlock: Fields, field: string): readonly FieldError[] {
	const cidr = str(ipBlock.cidr);
	if (cidr === '') return [requiredValue(`${field}.cidr`)];
	if (!isCIDR(cidr)) return [invalidValue(`${field}.cidr`, cidr, CIDR_TEXT)];
	return strs(ipBlock.except).flatMap((except, i) => {
		const path = `${field}.except[${i}]`;
		if (!isCIDR(except)) return [invalidValue(path, except, CIDR_TEXT)];
		return isStrictSubset(except, cidr) ? [] : [invalidValue(path, except, 'must be a strict subset of `cidr`')];
	});
}

function peerErrors(peer: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const kinds = ['podSelector', 'namespaceSelector'].filter((k) => isRecord(peer[k]));
	for (const kind of kinds) out.push(...selectorErrors(peer[kind], `${field}.${kind}`));
	if (isRecord(peer.ipBlock)) out.push(...ipBlockErrors(peer.ipBlock, `${field}.ipBlock`));
	if (kinds.length === 0 && !isRecord(peer.ipBlock)) out.push(requiredValue(field, 'must specify a peer'));
	else if (kinds.length > 0 && isRecord(peer.ipBlock)) out.push(forbiddenValue(field, 'may not specify both ipBlock and another peer'));
	return out;
}

export function networkPolicyErrors(policy: KubeObject): readonly FieldError[] {
	const spec = specOf(policy);
	const out = [...selectorErrors(spec.podSelector, 'spec.podSelector')];
	for (const [direction, side] of [
		['ingress', 'from'],
		['egress', 'to'],
	] as const) {
		for (const [i, rule] of recs(spec[direction]).entries()) {
			const field = `spec.${direction}[${i}]`;
			for (const [j, port] of recs(rule.ports).entries()) out.push(...portErrors(port, `${field}.ports[${j}]`));
			for (const [j, peer] of recs(rule[side]).entries()) out.push(...peerErrors(rec(peer), `${field}.${side}[${j}]`));
		}
	}
	const types = strs(spec.policyTypes);
	if (types.length > 2) return [...out, invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')];
	for (const [i, type] of types.entries()) {
		if (type !== 'Ingress' && type !== 'Egress') out.push(notSupportedValue(`spec.policyTypes[${i}]`, type, ['Egress', 'Ingress']));
	}
	return out;
}
