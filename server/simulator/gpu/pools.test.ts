import { expect, it } from 'vitest';
import { GPU_LIMITS } from '../limits.ts';
import { parseGpuPools } from './pools.ts';

it('reads pools in either spelling', () => {
	expect(parseGpuPools('l4=2, a100-80:1x4')).toEqual({
		pools: [
			{ model: 'l4', nodes: 2, max: 2, cards: 1 },
			{ model: 'a100-80', nodes: 1, max: 1, cards: 4 },
		],
	});
});

it('reads how far a pool may grow', () => {
	expect(parseGpuPools('h100=0-3x8')).toEqual({ pools: [{ model: 'h100', nodes: 0, max: 3, cards: 8 }] });
	expect(parseGpuPools('h100=3-1')).toEqual({ error: 'h100 cannot have at most 1 nodes and 3 to begin with' });
});

it('says what is wrong with others', () => {
	const error = (text: string): string => {
		const read = parseGpuPools(text);
		return 'error' in read ? read.error : '';
	};
	expect(error('')).toContain('is no pool');
	expect(error('l4')).toContain('model=nodes');
	expect(error('b300=1')).toContain('none of the cards t4, l4');
	expect(error('l4=1,l4=2')).toBe('l4 is named twice');
	expect(error(`l4=1x${GPU_LIMITS.cardsPerNode + 1}`)).toBe(`a node has 1 to ${GPU_LIMITS.cardsPerNode} cards`);
	expect(error('l4=1x0')).toBe(`a node has 1 to ${GPU_LIMITS.cardsPerNode} cards`);
	expect(error(`l4=${GPU_LIMITS.nodes + 1}`)).toContain(`more than ${GPU_LIMITS.nodes}`);
});
