import { describe, expect, it } from 'vitest';
import { added, allIds, brought, layoutFrom, MOST_TERMINALS, moved, split, type TerminalLayout, without } from './terminal-layout.ts';

const must = (layout: TerminalLayout | undefined): TerminalLayout => {
	if (layout === undefined) throw new Error('there were too many terminals');
	return layout;
};
const one = layoutFrom(undefined);

describe('the layout of terminals', () => {
	it('begins with one, adds tabs, splits the one in front', () => {
		expect(one).toEqual({ tabs: [{ ids: ['t1'], direction: 'row' }], front: 0, focus: 't1' });
		const three = must(split(must(added(one)), 'column'));
		expect(three.tabs).toEqual([
			{ ids: ['t1'], direction: 'row' },
			{ ids: ['t2', 't3'], direction: 'column' },
		]);
		expect(three).toMatchObject({ front: 1, focus: 't3' });
		expect(must(split(three, 'row')).tabs[1]).toEqual({ ids: ['t2', 't3'], direction: 'row' });
	});

	it('takes a terminal away, and its tab with the last one', () => {
		const three = must(split(must(added(one)), 'row'));
		expect(without(three, 't2')).toEqual({ tabs: [one.tabs[0], { ids: ['t3'], direction: 'row' }], front: 1, focus: 't3' });
		expect(without(three, 't1')).toMatchObject({ front: 0, focus: 't3' });
		expect(without(one, 't1')).toEqual({ tabs: [], front: 0, focus: '' });
		expect(must(added(without(one, 't1')))).toMatchObject({ front: 0, focus: 't1' });
	});

	it('goes round with the keys, and keeps the focus with the tab', () => {
		const three = must(split(must(added(one)), 'row'));
		expect(moved(three, 1)).toMatchObject({ front: 0, focus: 't1' });
		expect(moved(brought(three, 0), -1)).toMatchObject({ front: 1, focus: 't3' });
		expect(brought(three, 7)).toBe(three);
	});

	it('has as many as the server takes, and no more', () => {
		let layout = one;
		for (let i = 1; i < MOST_TERMINALS; i++) layout = must(added(layout));
		expect(allIds(layout)).toHaveLength(MOST_TERMINALS);
		expect(added(layout)).toBeUndefined();
		expect(split(layout, 'row')).toBeUndefined();
	});

	it('is remembered, also from before there were splits, and survives nonsense', () => {
		const three = must(split(must(added(one)), 'column'));
		expect(layoutFrom(JSON.stringify(three.tabs)).tabs).toEqual(three.tabs);
		expect(allIds(layoutFrom('["t1","t3"]'))).toEqual(['t1', 't3']);
		expect(layoutFrom('[{"ids":["t1","t1","x"]},{"ids":7}]').tabs).toEqual([{ ids: ['t1'], direction: 'row' }]);
		expect(layoutFrom('{')).toEqual(one);
	});
});
