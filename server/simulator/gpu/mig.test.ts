import { describe, expect, it } from 'vitest';
import { newCards } from './cards.ts';
import { createInstance, freeInstances, layOut } from './mig.ts';
import { gpuModel, gpuModels } from './models.ts';
import type { GpuCard, GpuNode } from './state.ts';

const [card] = newCards('n', 1, 1, 0) as readonly [GpuCard];
const node = (model: string): GpuNode => ({ name: 'n', model, cards: [{ ...card, mig: true }], strategy: 'mixed', since: 0 });

/** Creates one after the other as `nvidia-smi mig -cgi` does: `id@start`, or where it stopped. */
function create(model: string, ids: readonly number[]): readonly string[] {
	let now: GpuCard = { ...card, mig: true };
	return ids.map((id) => {
		const profile = gpuModel(model).profiles.find((p) => p.id === id);
		const made = profile === undefined ? undefined : createInstance(node(model), now, profile);
		if (made === undefined) return 'no room';
		now = { ...now, instances: [...now.instances, made] };
		return `${made.id}@${made.start}`;
	});
}

describe('MIG placement', () => {
	it('numbers and places instances as the user guide shows', () => {
		expect(create('a100-40', [19, 14, 5])).toEqual(['13@6', '5@4', '1@0']);
		expect(create('a100-40', [9, 9])).toEqual(['2@4', '1@0']);
		expect(create('a100-40', [14, 14, 14])).toEqual(['5@4', '3@0', '4@2']);
		expect(create('h100', [0])).toEqual(['0@0']);
	});

	it('has no room where slices or engines are taken', () => {
		expect(create('a100-80', [9, 9, 19])).toEqual(['2@4', '1@0', 'no room']);
		expect(create('h100', [20, 20])[1]).toBe('no room');
		expect(create('a100-80', [19, 0])[1]).toBe('no room');
		expect(create('a100-80', [19, 19, 19, 19, 19, 19, 19, 19]).at(-1)).toBe('no room');
	});

	it('gives every profile as often as the driver says', () => {
		for (const model of gpuModels().values())
			for (const p of model.profiles) expect([model.id, p.name, freeInstances(model, [], p)]).toEqual([model.id, p.name, p.max]);
	});

	it('finds an order for what fits in any, and says so where none does', () => {
		const laid = (wanted: { readonly [p: string]: number }) => {
			const result = layOut(gpuModel('a100-80'), card, wanted);
			return 'error' in result ? result.error : result.instances.map((i) => `${i.profile}@${i.start}`).join(' ');
		};
		expect(laid({ '3g.40gb': 1, '2g.20gb': 2 })).toBe('2g.20gb@0 2g.20gb@2 3g.40gb@4');
		expect(laid({ '1g.10gb': 1, '2g.20gb': 1, '4g.40gb': 1 })).toContain('4g.40gb@0');
		expect(laid({ '4g.40gb': 1, '3g.40gb': 1 })).toBe('4g.40gb@0 3g.40gb@4');
		expect(laid({ '3g.40gb': 2, '1g.10gb': 1 })).toBe('no possible permutations of MIG devices to achieve the desired config');
		expect(laid({ '1g.5gb': 1 })).toBe('error creating MIG config: unsupported MIG device: 1g.5gb');
	});
});
