import { expect, test } from 'vitest';
import { pythonRandom } from './python-random.ts';

test('numbers are those of CPython', () => {
	// python3 -c 'import random; r = random.Random(42); print([r.random() for _ in range(3)])', and the thousandth of seed 7
	expect(pythonRandom(42, 3)).toEqual([0.6394267984578837, 0.025010755222666936, 0.27502931836911926]);
	expect(pythonRandom(7, 1000).at(-1)).toBe(0.37786262968738116);
});
