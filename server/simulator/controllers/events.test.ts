import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../apiserver/types.ts';
import { recordEvent } from './events.ts';
import { type TestCluster, testCluster } from './testing.ts';

describe('event recorder', () => {
	interface Event extends KubeObject {
		readonly count?: number;
		readonly message: string;
		readonly involvedObject: { readonly name: string };
	}
	const about = (c: TestCluster, name: string): readonly Event[] =>
		(c.client.list(c.world, 'v1/events', 'default') as readonly Event[]).filter((e) => e.involvedObject.name === name);
	const say = (c: TestCluster, object: KubeObject, message: string): void =>
		recordEvent(c.world, c.client, { object, type: 'Warning', reason: 'BackOff', message, component: 'kubelet', host: 'foothold-worker' });

	it('counts what is the same, combines what is similar, cuts off a flood, forgets after an hour', () => {
		const c = testCluster();
		const a = c.create('v1/configmaps', 'default', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
		for (let i = 0; i < 3; i++) {
			say(c, a, 'same');
			c.run(1000);
		}
		expect(about(c, 'a').map((e) => [e.message, e.count])).toEqual([['same', 3]]);
		const b = c.create('v1/configmaps', 'default', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } });
		for (let i = 0; i < 40; i++) say(c, b, `different ${i}`);
		const texts = about(c, 'b').map((e) => `${e.message} ×${e.count}`);
		expect(texts).toHaveLength(11);
		expect(texts).toContain('(combined from similar events): different 24 ×15');
		c.run(3_599_000);
		expect(about(c, 'b')).toHaveLength(11);
		c.run(2000);
		expect([about(c, 'a').length, about(c, 'b').length]).toEqual([0, 0]);
	});
});
