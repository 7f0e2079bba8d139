/** resource.Quantity: texts such as `250m`, `1Gi`, `1e3` as numbers, and back in canonical form. */
import type { Container, Labels, PodSpec } from './objects.ts';

const SUFFIX: { readonly [suffix: string]: number } = {
	n: 1e-9,
	u: 1e-6,
	m: 1e-3,
	'': 1,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	P: 1e15,
	E: 1e18,
	Ki: 1024,
	Mi: 1024 ** 2,
	Gi: 1024 ** 3,
	Ti: 1024 ** 4,
	Pi: 1024 ** 5,
	Ei: 1024 ** 6,
};

const QUANTITY = /^([+-]?[0-9.]+)(?:([eE][+-]?[0-9]+)|([numkKMGTPE]i?))?$/;

/** The value of a quantity in its base unit (cores, bytes, pieces); 0 where the text is none. */
export function parseQuantity(text: string | number | undefined): number {
	if (text === undefined) return 0;
	if (typeof text === 'number') return text;
	const m = QUANTITY.exec(text);
	if (m === null) return 0;
	const value = Number(m[1]);
	if (m[2] !== undefined) return Number(`${m[1]}${m[2]}`);
	return value * (SUFFIX[m[3] ?? ''] ?? 0);
}

/** Quantity.MilliValue, rounded up. */
export function milliValue(text: string | number | undefined): number {
	if (text === undefined) return 0;
	if (typeof text === 'string' && text.endsWith('m')) return Math.ceil(Number(text.slice(0, -1)));
	return Math.ceil(Number((parseQuantity(text) * 1000).toFixed(6)));
}

/** Quantity.Value, rounded up. */
export function wholeValue(text: string | number | undefined): number {
	return Math.ceil(Number(parseQuantity(text).toFixed(6)));
}

/** Millicores in canonical form: `250m`, `2`. */
function formatMilli(milli: number): string {
	return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

/** Bytes in canonical binary form: `1Gi`, `1536Mi`, `1000`. */
function formatBytes(bytes: number): string {
	if (bytes === 0) return '0';
	for (const s of ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
		const unit = SUFFIX[s] ?? 1;
		if (bytes % unit === 0) return `${bytes / unit}${s}`;
	}
	return String(bytes);
}

/** Whether a resource is counted in thousandths (cpu and its quota names). */
const isMilliResource = (name: string): boolean => name === 'cpu' || name.endsWith('.cpu');

/** A resource's amount in the unit sums are made in: millicores for cpu, base units for all else. */
export function amountOf(name: string, text: string | number | undefined): number {
	return isMilliResource(name) ? milliValue(text) : wholeValue(text);
}

export function formatAmount(name: string, amount: number): string {
	if (isMilliResource(name)) return formatMilli(amount);
	return /memory|storage|hugepages/.test(name) ? formatBytes(amount) : String(amount);
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
