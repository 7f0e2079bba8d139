/** Kubernetes quantities as numbers, for display: after apimachinery `pkg/api/resource`. */
const UNITS: { readonly [suffix: string]: number } = {
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
	Ki: 2 ** 10,
	Mi: 2 ** 20,
	Gi: 2 ** 30,
	Ti: 2 ** 40,
	Pi: 2 ** 50,
	Ei: 2 ** 60,
};

/** A quantity's number (bytes, cores, counts); 0 for what is none. */
export function quantity(text: unknown): number {
	const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|E|[KMGTPE]i)?$/.exec(String(text ?? '0'));
	return match === null ? 0 : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1);
}

/** CPU in millicores. */
export const milliOf = (text: unknown): number => Math.round(quantity(text) * 1e6) / 1000;
