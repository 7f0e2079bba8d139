/** What a pod asks for as a whole: `component-helpers/resource`. Init containers run one after the other, so the largest counts; sidecars run beside everything after them. */
import { type Fields, isRecord, rec, recs } from '../fields.ts';
import { addQuantities, compareQuantities } from '../quantity.ts';

type Amounts = { readonly [name: string]: string };

function plus(a: Fields, b: Fields): Amounts {
	const out: { [name: string]: string } = { ...(a as Amounts) };
	for (const name in b) out[name] = out[name] === undefined ? String(b[name]) : addQuantities(out[name], b[name]);
	return out;
}

function larger(a: Fields, b: Fields): Amounts {
	const out: { [name: string]: string } = { ...(a as Amounts) };
	for (const name in b) if (out[name] === undefined || compareQuantities(b[name], out[name]) > 0) out[name] = String(b[name]);
	return out;
}

function total(spec: Fields, list: 'requests' | 'limits'): Amounts {
	const of = (container: Fields): Fields => rec(rec(container.resources)[list]);
	let running: Amounts = {};
	for (const container of recs(spec.containers)) running = plus(running, of(container));
	let sidecars: Amounts = {};
	let starting: Amounts = {};
	for (const container of recs(spec.initContainers)) {
		if (container.restartPolicy === 'Always') {
			sidecars = plus(sidecars, of(container));
			running = plus(running, of(container));
			starting = larger(starting, sidecars);
		} else starting = larger(starting, plus(sidecars, of(container)));
	}
	let out = larger(running, starting);
	const whole = rec(spec.resources)[list];
	if (isRecord(whole)) out = { ...out, ...(whole as Amounts) };
	return isRecord(spec.overhead) ? plus(out, spec.overhead) : out;
}

/** Canonical quantities by resource name. */
export const podRequests = (spec: Fields): Amounts => total(spec, 'requests');
export const podLimits = (spec: Fields): Amounts => total(spec, 'limits');
