import { describe, expect, it } from 'vitest';
import { decodeBytes, encodeText } from '../../storage-volumes/bytes.ts';
import { busyboxImages } from '../busybox/image.ts';
import { TestWorld } from '../testing/world.ts';
import { gunzipped, gzipped, isGzip, UNPACKED_BYTES } from './gzip.ts';

const binary = decodeBytes(Uint8Array.from({ length: 1000 }, (_x, i) => (i * 37) & 255));

function sh(script: string): string {
	const world = new TestWorld();
	const box = world.run('box', busyboxImages[0], { argv: ['sh', '-c', script], files: { '/tmp/b': binary } });
	world.until(() => box.exitCode !== undefined, 10_000);
	return box.output;
}

describe('gzip', () => {
	it('packs any bytes and gives them back', () => {
		expect(isGzip(gzipped(binary))).toBe(true);
		expect(gunzipped(gzipped(binary))).toBe(binary);
		expect(sh('sha256sum < /tmp/b; gzip -c /tmp/b | gunzip | sha256sum; gzip -c /tmp/b | zcat | wc -c')).toMatch(/^(\w{64}) {2}-\n\1 {2}-\n1000\n$/);
	});

	it('replaces files, keeps them with -k, and names them as the real one does', () => {
		expect(sh('cd /tmp; gzip b; ls; gunzip -k b.gz; ls; gunzip b.gz; wc -c < b')).toContain("b.gz\nb\nb.gz\ngunzip: can't open '/tmp/b': File exists\n1000\n");
	});

	it('says what is no archive', () => {
		expect(sh('gunzip -c /etc/passwd; echo $?')).toBe('gunzip: invalid magic\n1\n');
		expect(sh('gzip -c /tmp/b | head -c 100 | gunzip; echo $?')).toBe('gunzip: corrupted data\n1\n');
	});

	it('unpacks up to a ceiling', () => {
		const packed = encodeText(gzipped('a'));
		new DataView(packed.buffer).setUint32(packed.length - 4, UNPACKED_BYTES + 1, true);
		expect(gunzipped(decodeBytes(packed))).toBeUndefined();
	});

	it('packs tar’s archives', () => {
		expect(sh('cd /tmp; tar czf a.tgz b; gunzip -c a.tgz | tar tf -; mkdir x; tar xzf a.tgz -C x; sha256sum b x/b')).toMatch(
			/^b\n(\w{64}) {2}b\n\1 {2}x\/b\n$/,
		);
	});
});
