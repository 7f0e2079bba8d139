import { expect, test } from 'vitest';
import { agrees, readFigures } from './figures.ts';

test('figures are found in tables and lines, with thousands, units and emphasis', () => {
	const f = readFigures(
		'# Note\n\n| figure | value |\n|---|---|\n| KV cache of one replica (tokens) | **83,632** |\n| TTFT p95 (ms) | 163.5 ms |\n\n- Replicas: 2\nempty: none\n',
	);
	expect(f.get('KV cache of one replica')).toBe(83_632);
	expect(f.get('ttft P95 (ms)')).toBe(163.5);
	expect(f.get('replicas')).toBe(2);
	expect(f.get('empty')).toBeUndefined();
	expect(f.get('never said')).toBeUndefined();
});

test('a figure agrees within its share, small ones within their slack', () => {
	expect(agrees(46, 42, 0.1)).toBe(true);
	expect(agrees(47, 42, 0.1)).toBe(false);
	expect(agrees(1, 0, 0.1)).toBe(false);
	expect(agrees(1, 0, 0.1, 2)).toBe(true);
});
