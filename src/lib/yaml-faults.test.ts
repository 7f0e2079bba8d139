import { describe, expect, it } from 'vitest';
import { yamlFaults } from './yaml-faults.ts';

describe('yamlFaults', () => {
	it('has nothing to say about several sound documents, nothing at all, or a comment', () => {
		expect(yamlFaults('kind: A\n---\nkind: B\nlist: [1, 2]\n')).toEqual([]);
		expect(yamlFaults('')).toEqual([]);
		expect(yamlFaults('# later\n')).toEqual([]);
	});

	it('points at the place, in a later document, too', () => {
		const text = 'kind: A\n---\nspec:\n  a: 1\n b: 2\n';
		const [first] = yamlFaults(text);
		expect(first).toBeDefined();
		expect(text.slice(0, first?.from).split('\n').length).toBeGreaterThanOrEqual(4);
	});

	it('names a tab used to indent and a key given twice', () => {
		expect(yamlFaults('spec:\n\treplicas: 2\n')[0]?.message).toMatch(/tab/i);
		expect(yamlFaults('a: 1\na: 2\n')[0]?.message).toMatch(/unique/i);
	});

	it('stays inside the text whatever is cut off', () => {
		const text = 'metadata: {labels: {app: "web"}, list: [1, 2]}\n';
		for (let end = 0; end <= text.length; end++) {
			for (const { from, to } of yamlFaults(text.slice(0, end))) {
				expect(from).toBeLessThanOrEqual(to);
				expect(to).toBeLessThanOrEqual(end);
			}
		}
	});
});
