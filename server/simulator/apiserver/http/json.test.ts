import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJson } from './json.ts';

const parses = (text: string): boolean => {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
};

describe('the JSON scanner', () => {
	it('finds a mistake exactly where the parser does', () => {
		const broken = fc
			.tuple(fc.json({ maxDepth: 4 }), fc.nat(60), fc.string({ maxLength: 2 }))
			.map(([text, at, noise]) => text.slice(0, at) + noise + text.slice(at + 1));
		fc.assert(
			fc.property(fc.oneof(fc.json({ maxDepth: 4 }), broken, fc.string({ maxLength: 12 })), (text) => {
				expect({ text, ok: scanJson(text).error === undefined }).toEqual({ text, ok: parses(text) });
			}),
			{ numRuns: 3000 },
		);
	});

	it('names every key that is given twice, and none else', () => {
		expect(scanJson('{"a":{"b":1,"b":2},"l":[{"x":1},{"x":1,"x":2}],"a":3}').duplicates).toEqual(['a.b', 'l[1].x', 'a']);
		fc.assert(
			fc.property(fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 2 })), (value) => {
				expect(scanJson(JSON.stringify(value)).duplicates).toEqual([]);
			}),
		);
	});
});
