import { describe, expect, it } from 'vitest';
import { blockFor, COREFILE, parseCorefile, rewritten } from './corefile.ts';

describe('a Corefile', () => {
	it("kubeadm's own", () => {
		expect(parseCorefile(COREFILE)).toMatchObject([
			{ zones: ['.'], clusterZones: ['cluster.local', 'in-addr.arpa', 'ip6.arpa'], forwards: true, hostsOnly: false },
		]);
	});

	it('servers by their longest zone', () => {
		const blocks = parseCorefile('.:53 {\n  forward . 8.8.8.8\n}\nexample.org:53 {\n  hosts {\n    10.0.0.9 a.example.org b.example.org\n  }\n}\n') ?? [];
		expect(blockFor(blocks, 'a.example.org')).toMatchObject({ zones: ['example.org'], hostsOnly: true, forwards: false });
		expect(blockFor(blocks, 'a.example.org')?.hosts.get('b.example.org')).toEqual(['10.0.0.9']);
		expect(blockFor(blocks, 'example.com')?.zones).toEqual(['.']);
	});

	it.each([
		['rewrite name a.test b.test', 'a.test', 'b.test'],
		['rewrite stop name exact a.test b.test', 'a.test', 'b.test'],
		['rewrite name suffix .corp .svc.cluster.local', 'web.default.corp', 'web.default.svc.cluster.local'],
		['rewrite name prefix old- new-', 'old-web.test', 'new-web.test'],
		['rewrite name a.test b.test', 'c.test', 'c.test'],
	])('%s', (line, name, to) => {
		const [block] = parseCorefile(`.:53 {\n  ${line}\n}\n`) ?? [];
		expect(block === undefined ? undefined : rewritten(block, name)).toBe(to);
	});

	it.each(['.:53 {\n  kubernetes cluster.local {\n}\n', '}\n', 'errors\n'])('%j is none', (text) => {
		expect(parseCorefile(text)).toBeUndefined();
	});
});
