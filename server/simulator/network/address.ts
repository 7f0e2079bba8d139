/** IPv4 addresses and ranges. */

/** An address as an unsigned number; undefined where the text is none. */
export function parseAddress(text: string): number | undefined {
	const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
	if (m === null) return undefined;
	let value = 0;
	for (let i = 1; i <= 4; i++) {
		const part = Number(m[i]);
		if (part > 255) return undefined;
		value = value * 256 + part;
	}
	return value;
}

/** True where `address` lies in a range like `10.0.0.0/8`; false for anything that is no IPv4 range. */
export function inRange(range: string, address: string): boolean {
	const [base, length] = range.split('/');
	const from = parseAddress(base ?? '');
	const at = parseAddress(address);
	const bits = length === undefined ? 32 : Number(length);
	if (from === undefined || at === undefined || !Number.isInteger(bits) || bits < 0 || bits > 32) return false;
	const size = 2 ** (32 - bits);
	return Math.floor(from / size) === Math.floor(at / size);
}
