/** Resource quantities as numbers; models apimachinery's resource.Quantity as far as reading goes. */

const FACTORS: { readonly [suffix: string]: number } = {
	'': 1,
	n: 1e-9,
	u: 1e-6,
	m: 1e-3,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	P: 1e15,
	Ki: 1024,
	Mi: 1024 ** 2,
	Gi: 1024 ** 3,
	Ti: 1024 ** 4,
	Pi: 1024 ** 5,
};

/** `500m` → 0.5, `64Mi` → 67108864, undefined where the text is no quantity. */
export function parseQuantity(text: string | number | undefined): number | undefined {
	if (text === undefined) return undefined;
	if (typeof text === 'number') return text;
	const m = /^([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)([A-Za-z]{0,2})$/.exec(text.trim());
	if (m === null) return undefined;
	const factor = FACTORS[m[2] ?? ''];
	return factor === undefined ? undefined : Number(m[1]) * factor;
}
