/**
 * CPython's `random.Random(seed)`, so that published measurements whose arrivals it drew can be played with the arrivals they had:
 * MT19937 (Matsumoto and Nishimura, 1998) seeded by `init_by_array`, numbers of 53 bits.
 */

const N = 624;
const M = 397;

/** The generator's words for a seed below 2^32 (`init_by_array` of one word). */
function seeded(seed: number): Uint32Array {
	const mt = new Uint32Array(N);
	const word = (i: number): number => mt[i] ?? 0;
	mt[0] = 19_650_218;
	for (let i = 1; i < N; i++) mt[i] = Math.imul(1_812_433_253, word(i - 1) ^ (word(i - 1) >>> 30)) + i;
	let i = 1;
	const turn = (): void => {
		if (++i < N) return;
		mt[0] = word(N - 1);
		i = 1;
	};
	for (let k = 0; k < N; k++) {
		mt[i] = (word(i) ^ Math.imul(word(i - 1) ^ (word(i - 1) >>> 30), 1_664_525)) + seed;
		turn();
	}
	for (let k = 0; k < N - 1; k++) {
		mt[i] = (word(i) ^ Math.imul(word(i - 1) ^ (word(i - 1) >>> 30), 1_566_083_941)) - i;
		turn();
	}
	mt[0] = 0x8000_0000;
	return mt;
}

function twist(mt: Uint32Array): void {
	const word = (i: number): number => mt[i % N] ?? 0;
	for (let i = 0; i < N; i++) {
		const y = (word(i) & 0x8000_0000) | (word(i + 1) & 0x7fff_ffff);
		mt[i] = word(i + M) ^ (y >>> 1) ^ (y & 1 ? 0x9908_b0df : 0);
	}
}

/** The first `n` results of `Random(seed).random()`; each from 0 to below 1. `seed` is a whole number below 2^32. */
export function pythonRandom(seed: number, n: number): readonly number[] {
	const mt = seeded(seed);
	let at = N;
	const next = (): number => {
		if (at === N) {
			twist(mt);
			at = 0;
		}
		let y = mt[at++] ?? 0;
		y ^= y >>> 11;
		y ^= (y << 7) & 0x9d2c_5680;
		y ^= (y << 15) & 0xefc6_0000;
		return (y ^ (y >>> 18)) >>> 0;
	};
	return Array.from({ length: n }, () => {
		const high = next() >>> 5;
		return (high * 67_108_864 + (next() >>> 6)) / 9_007_199_254_740_992;
	});
}
