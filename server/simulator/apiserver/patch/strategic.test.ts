import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kindType } from '../openapi/schema.ts';
import { strategicMergePatch } from './strategic.ts';

interface Recorded {
	readonly kind: string;
	readonly target: { readonly apiVersion: string; readonly [k: string]: unknown };
	readonly patch: { readonly [k: string]: unknown };
	readonly result?: unknown;
	readonly error?: string;
}

/** What `kubectl patch --local --type strategic` of kubectl 1.35.2 made of the same objects and patches. */
const recorded = JSON.parse(readFileSync(new URL('recorded/strategic.json', import.meta.url), 'utf8')) as readonly Recorded[];

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');

describe('strategic merge patch, against what the real kubectl does', () => {
	it.each(recorded.map((r) => [JSON.stringify(r.patch), r] as const))('%s', (_name, { kind, target, patch, result, error }) => {
		const before = JSON.stringify(target);
		const run = (): unknown => strategicMergePatch(target, patch, kindType(groupOf(target.apiVersion), 'v1', kind));
		if (error !== undefined) expect(run).toThrow(error.replace(/^error: /, ''));
		else expect(run()).toEqual(result);
		expect(JSON.stringify(target)).toBe(before);
	});
});
