import { expect, it } from 'vitest';
import { SimulatorSandbox } from '../simulator.ts';
import { Template } from '../simulated/template.ts';
import { lackingGpus, missingGpus } from './gpus.ts';

const node = (product: string, cards: number) => ({
	metadata: { labels: { 'nvidia.com/gpu.product': product } },
	status: { allocatable: { 'nvidia.com/gpu': String(cards) } },
});

it('says what a cluster lacks of the GPUs that a lab needs', () => {
	expect(lackingGpus('l4=1', [node('NVIDIA-L4', 1)])).toBeUndefined();
	expect(lackingGpus('l4=1', [])).toBe('the lab needs 1 node with 1 × NVIDIA L4, the cluster has no node with nvidia.com/gpu to allocate');
	expect(lackingGpus('l4=2,a100-80=1x4', [node('NVIDIA-L4', 1), node('NVIDIA-A100-SXM4-80GB', 8)])).toBe(
		'the lab needs 2 nodes with 1 × NVIDIA L4, the cluster has 1 × NVIDIA-L4, 8 × NVIDIA-A100-SXM4-80GB',
	);
	expect(lackingGpus('l4=1', [node('NVIDIA-L4', 0)])).toContain('no node with nvidia.com/gpu to allocate');
	// A group that grows needs nothing to begin with.
	expect(lackingGpus('l4=0-2', [])).toBeUndefined();
	expect(lackingGpus('b900=1', [])).toContain('is none of the cards');
});

it('asks the cluster', async () => {
	const sandbox = await SimulatorSandbox.create(Template.build({ gpus: 't4=1', seed: 3 }), { id: 'gpus', seed: 3 });
	await sandbox.clock.advance(1);
	expect(await missingGpus(sandbox.cluster, 't4=1')).toBeUndefined();
	expect(await missingGpus(sandbox.cluster, 'h100=1')).toContain('the lab needs 1 node with 1 × NVIDIA H100');
	await sandbox.dispose();
});
