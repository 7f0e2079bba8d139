import { expect, test } from 'vitest';
import { nearestImage } from './nearest.ts';
import type { Image } from './program.ts';

const image = (name: string): Image => ({ sizeBytes: name.length, tags: [name] }) as unknown as Image;
const tags = new Map(['18.1.4', '18.1', '18', 'latest', '17.7', '14.20', '18.1-alpine', '14.20-alpine'].map((t) => [t, image(t)]));

test.each([
	['17.2', '17.7'],
	['9.6', '14.20'],
	['v17', '17.7'],
	['14.3-alpine3.19', '14.20-alpine'],
	['14.3-bookworm', '14.20'],
	['18.1.6', '18.1.4'],
	['18.1.14', undefined],
	['18.2', undefined],
	['19', undefined],
	['14.99', undefined],
	['none', undefined],
	['20250101', undefined],
])('%s is played by %s', (tag, name) => {
	expect(nearestImage(tags, tag)?.tags[0]).toBe(name);
});
