/** Sums of resources: what pods ask for in all, in numbers. */
import { formatQuantity, quantityMilli, quantityValue } from '../../apiserver/registry/quantity.ts';
import type { Container, Labels, PodSpec } from './objects.ts';

/** Whether a resource is counted in thousandths (cpu and its quota names). */
const isMilliResource = (name: string): boolean => name === 'cpu' || name.endsWith('.cpu');

/** A resource's amount in the unit sums are made in: millicores for cpu, base units for all else. */
export function amountOf(name: string, text: string | number | undefined): number {
	return isMilliResource(name) ? quantityMilli(text) : quantityValue(text);
}

/** An amount of `amountOf` in canonical text: `250m`, `1536Mi`, `3`. */
export function formatAmount(name: string, amount: number): string {
	const nano = BigInt(amount) * (isMilliResource(name) ? 1_000_000n : 1_000_000_000n);
	return formatQuantity({ nano, format: /memory|storage|hugepages/.test(name) ? 'BinarySI' : 'DecimalSI' });
}

export type Amounts = { readonly [resource: string]: number };

function sum(into: Record<string, number>, from: Amounts): void {
	for (const k of Object.keys(from)) into[k] = (into[k] ?? 0) + (from[k] ?? 0);
}

function largest(into: Record<string, number>, from: Amounts): void {
	for (const k of Object.keys(from)) into[k] = Math.max(into[k] ?? 0, from[k] ?? 0);
}

function amounts(list: Labels | undefined): Amounts {
	const out: Record<string, number> = {};
	for (const k of Object.keys(list ?? {})) out[k] = amountOf(k, list?.[k]);
	return out;
}

/**
 * What a pod asks for in all (component-helpers' PodRequests / PodLimits): the larger of its containers' sum and any
 * init container's, sidecars counted into both, plus overhead. `adjust` changes one container's amounts first.
 */
export function podAmounts(spec: PodSpec, which: 'requests' | 'limits', adjust?: (a: Amounts) => Amounts): Amounts {
	const of = (c: Container): Amounts => {
		const a = amounts(c.resources?.[which]);
		return adjust === undefined ? a : adjust(a);
	};
	const total: Record<string, number> = {};
	for (const c of spec.containers) sum(total, of(c));
	const inits = spec.initContainers;
	if (inits !== undefined && inits.length > 0) {
		const sidecars: Record<string, number> = {};
		const initMax: Record<string, number> = {};
		for (const c of inits) {
			const own = of(c);
			if (c.restartPolicy === 'Always') {
				sum(total, own);
				sum(sidecars, own);
				largest(initMax, sidecars);
			} else {
				const now: Record<string, number> = { ...own };
				sum(now, sidecars);
				largest(initMax, now);
			}
		}
		largest(total, initMax);
	}
	if (spec.overhead !== undefined) sum(total, amounts(spec.overhead));
	return total;
}
