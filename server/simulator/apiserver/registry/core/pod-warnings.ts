/** What the server warns of in pods and templates without refusing it: `pkg/api/pod/warnings.go`. */
import { type Fields, isRecord, num, rec, recs, str } from '../fields.ts';
import { parseQuantity } from '../quantity.ts';
import { checkDns1123Label } from '../../validation.ts';

const DEPRECATED_NODE_LABELS: { readonly [label: string]: string } = {
	'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
	'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
	'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
	'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
	'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** Removed fields of volumes. */
const DEPRECATED_VOLUMES: { readonly [kind: string]: string } = {
	gitRepo: 'deprecated in v1.11',
	glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
	cephfs: 'deprecated in v1.28, non-functional in v1.31+',
	rbd: 'deprecated in v1.28, non-functional in v1.31+',
	scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
};

function envWarnings(container: Fields, field: string): readonly string[] {
	const seen = new Set<string>();
	return recs(container.env).flatMap((env, i) => {
		const name = str(env.name);
		const hides = seen.has(name);
		seen.add(name);
		return hides ? [`${field}.env[${i}]: hides previous definition of "${name}", which may be dropped when using apply`] : [];
	});
}

function quantityWarnings(resources: Fields, field: string): readonly string[] {
	return ['limits', 'requests'].flatMap((list) =>
		['memory', 'ephemeral-storage'].flatMap((name) => {
			const value = rec(resources[list])[name];
			const parsed = parseQuantity(value);
			if (parsed === undefined || parsed.nano % 1_000_000_000n === 0n) return [];
			return [`${field}.${list}[${name}]: fractional byte value "${str(value)}" is invalid, must be an integer`];
		}),
	);
}

function portWarnings(container: Fields, field: string): readonly string[] {
	const seen = new Map<string, number>();
	return recs(container.ports).flatMap((port, i) => {
		const key = `${num(port.containerPort)}/${str(port.protocol)}/${num(port.hostPort)}/${str(port.hostIP)}`;
		const path = `${field}.ports[${i}]`;
		const out: string[] = [];
		const before = seen.get(key);
		if (before !== undefined) out.push(`${path}: duplicate port definition with ${field}.ports[${before}]`);
		else seen.set(key, i);
		return out;
	});
}

/** @param field where the spec stands (`spec`, `spec.template.spec`). */
export function podSpecWarnings(spec: Fields, field: string): readonly string[] {
	const out: string[] = [];
	for (const label of Object.keys(rec(spec.nodeSelector))) {
		const text = DEPRECATED_NODE_LABELS[label];
		if (text !== undefined) out.push(`${field}.nodeSelector[${label}]: ${text}`);
	}
	for (const [i, volume] of recs(spec.volumes).entries()) {
		for (const [kind, text] of Object.entries(DEPRECATED_VOLUMES)) if (isRecord(volume[kind])) out.push(`${field}.volumes[${i}].${kind}: ${text}`);
	}
	for (const list of ['initContainers', 'containers']) {
		for (const [i, container] of recs(spec[list]).entries()) {
			const path = `${field}.${list}[${i}]`;
			out.push(...envWarnings(container, path), ...quantityWarnings(rec(container.resources), `${path}.resources`), ...portWarnings(container, path));
		}
	}
	if (num(spec.terminationGracePeriodSeconds) < 0) {
		out.push(`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
	}
	return out;
}

/** A name that pods and host names will be made from. */
export function podNameWarnings(name: string): readonly string[] {
	const wrong = checkDns1123Label(name);
	if (wrong.length === 0) return [];
	return [`metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`];
}
