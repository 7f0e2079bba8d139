import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64Bytes } from '../base64.ts';
import { testServer } from '../testing.ts';
import { decodeProtobuf } from './protobuf.ts';

/** Bodies that kubectl 1.35.2 sent, and the same objects as its `--dry-run=client -o json` printed them. */
const recorded = JSON.parse(readFileSync(new URL('recorded/protobuf.json', import.meta.url), 'utf8')) as readonly {
	readonly command: string;
	readonly body: string;
	readonly object: unknown;
}[];

/** JSON without what says nothing: empty objects, nulls, status. */
function bare(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(bare);
	if (typeof value !== 'object' || value === null) return value;
	const out: { [k: string]: unknown } = {};
	for (const [k, v] of Object.entries(value)) {
		// What a client says of a status at creation counts for nothing.
		if (k === 'status') continue;
		const inner = bare(v);
		const empty = inner === null || (typeof inner === 'object' && Object.keys(inner as object).length === 0);
		if (!empty) out[k] = inner;
	}
	return out;
}

describe('protobuf bodies', () => {
	it.each(recorded.map((r) => [r.command, r] as const))('%s', (_command, { body, object }) => {
		expect(bare(decodeProtobuf(body).value)).toEqual(bare(object));
	});

	it('creates from one', () => {
		const s = testServer();
		const [first] = recorded;
		const user = { name: 'kubernetes-admin', groups: ['system:masters'] };
		const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
		const url = '/api/v1/namespaces/default/configmaps';
		const made = s.api.handle(s.world, { method: 'POST', url, headers, body: first?.body ?? '', bodyEncoding: 'base64', user });
		expect([made.status, made.json]).toMatchObject([201, { metadata: { name: 'a' }, data: { x: '1', y: 'ü€😀' } }]);
	});

	it('refuses anything else without falling over', () => {
		expect(decodeProtobuf('AAAA').error).toContain('does not appear to be a protobuf message');
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(recorded.length - 1), fc.nat(200), (noise, which, at) => {
				const good = Buffer.from(recorded[which]?.body ?? '', 'base64');
				const broken = Buffer.concat([good.subarray(0, at), noise, good.subarray(at + noise.length)]);
				const { value, error } = decodeProtobuf(toBase64Bytes([...broken]));
				expect(value !== undefined || error !== undefined).toBe(true);
			}),
			{ numRuns: 1000 },
		);
	});
});
