import { expect, test } from 'vitest';
import { readBounded } from './bounded-body.ts';

async function* sent(sizes: readonly number[], taken: { count: number }): AsyncGenerator<Uint8Array> {
	for (const size of sizes) {
		taken.count++;
		yield new Uint8Array(size).fill(taken.count);
	}
}

test('a body up to the ceiling is taken whole', async () => {
	expect(await readBounded(sent([2, 3], { count: 0 }), 5)).toEqual(Buffer.from([1, 1, 2, 2, 2]));
	for (const nothing of [sent([], { count: 0 }), null]) expect(await readBounded(nothing, 5)).toEqual(Buffer.alloc(0));
});

test('a larger one is read on, so that its sender hears the answer, but not for ever', async () => {
	const polite = { count: 0 };
	expect(await readBounded(sent([4, 4, 4], polite), 5)).toBeUndefined();
	expect(polite.count).toBe(3);
	const endless = { count: 0 };
	expect(await readBounded(sent(Array<number>(1000).fill(4), endless), 5)).toBeUndefined();
	expect(endless.count).toBe(21);
});
