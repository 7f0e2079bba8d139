import { describe, expect, it } from 'vitest';
import { defaultMigConfig, wantedLayout } from './mig-parted.ts';
import { gpuModel } from './models.ts';
import { GPU_LIMITS } from '../limits.ts';
import { parsePluginConfig } from './sharing.ts';

describe("mig-parted's configuration", () => {
	const a100 = gpuModel('a100-80');
	const read = (text: string, name: string, model = a100) => wantedLayout(text, name, model, 1);

	it('ships layouts by card', () => {
		const shipped = defaultMigConfig();
		expect(read(shipped, 'all-1g.10gb')).toMatchObject({ cards: [{ 'mig-devices': { '1g.10gb': 7 } }] });
		expect(read(shipped, 'all-1g.10gb', gpuModel('a100-40'))).toMatchObject({ cards: [{ 'mig-devices': { '1g.10gb': 4 } }] });
		expect(read(shipped, 'all-balanced', gpuModel('a100-40'))).toMatchObject({ cards: [{ 'mig-devices': { '1g.5gb': 2, '2g.10gb': 1, '3g.20gb': 1 } }] });
		// No filter where one card alone has the profile: asked for on another, it is tried and refused.
		expect(read(shipped, 'all-1g.18gb')).toMatchObject({ cards: [{ 'mig-devices': { '1g.18gb': 7 } }] });
		expect(read(shipped, 'all-8g')).toEqual({ error: 'error selecting MIG config: selected mig-config not present: all-8g' });
	});

	it('may be anything that somebody writes', () => {
		for (const text of ['', 'a: [', 'mig-configs: null', 'mig-configs: 5', 'mig-configs: {x: 1}', '- 1']) expect(read(text, 'x')).toHaveProperty('error');
		expect(read('mig-configs: {x: [null, 3, {devices: 7}, {device-filter: 9}]}', 'x')).toEqual({ cards: [undefined] });
	});
});

describe("the device plugin's configuration", () => {
	const replicas = (n: number) => `version: v1\nsharing:\n  timeSlicing:\n    resources:\n    - {name: nvidia.com/gpu, replicas: ${n}}\n`;

	it('takes replicas up to a ceiling', () => {
		expect(parsePluginConfig(replicas(GPU_LIMITS.replicas))).toMatchObject({ sharing: { replicas: { 'nvidia.com/gpu': GPU_LIMITS.replicas } } });
		expect(parsePluginConfig(replicas(GPU_LIMITS.replicas + 1))).toEqual({
			error: `unable to finalize config: unable to parse config file: number of replicas must be <= ${GPU_LIMITS.replicas}`,
		});
	});

	it('says what is wrong with others', () => {
		for (const text of ['', 'x', 'version: v2', 'version: v1\nflags: {migStrategy: some}', 'version: v1\nsharing: {timeSlicing: 5}', 'a: ['])
			expect(parsePluginConfig(text)).toHaveProperty('error');
		expect(parsePluginConfig('version: v1\nflags: {migStrategy: mixed}')).toEqual({ strategy: 'mixed' });
	});
});
