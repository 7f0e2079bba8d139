import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { Masker } from './masker.ts';

const SECRET = 'hunter2-long';
const over = (pieces: readonly string[], values: readonly string[] = [SECRET], patterns: readonly RegExp[] = []): string => {
	const masker = new Masker({ values, patterns });
	return pieces.map((piece) => masker.take(piece)).join('') + masker.end();
};

describe('the masker', () => {
	it('masks a secret, also as base64, and leaves the rest as it is', () => {
		expect(over([`a ${SECRET} b`])).toBe('a •••••• b');
		expect(over([`password: ${Buffer.from(SECRET).toString('base64')}\r\n`])).toBe('password: ••••••\r\n');
		expect(over(['nothing here'])).toBe('nothing here');
	});

	it('masks one that comes in pieces, as keys are echoed', () => {
		expect(over([...`export P=${SECRET}\r\n`])).toBe('export P=••••••\r\n');
		expect(over([...'hunter3 hunter'])).toBe('hunter3 hunter');
	});

	it('sees through colours and moves, and keeps them', () => {
		expect(over(['\u001b[1mhun', 'ter\u001b[3', '1m2-long\u001b[0m!'])).toBe('\u001b[1m••••••\u001b[31m\u001b[0m!');
	});

	it('never lets it through, however it is cut', () => {
		fc.assert(
			fc.property(
				fc.array(fc.oneof(fc.constant(SECRET), fc.constant('hunter'), fc.string({ maxLength: 4 })), { maxLength: 8 }),
				fc.array(fc.nat(60)),
				(parts, cuts) => {
					const text = parts.join('');
					const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
					const pieces = places.slice(1).map((to, i) => text.slice(places[i], to));
					const out = over(pieces);
					expect(out).not.toContain(SECRET);
					expect(out).toBe(over([text]));
				},
			),
		);
	});

	it('masks what a pattern finds within a word, once the word is over', () => {
		const token = /ghp_[A-Za-z0-9]{8,}/g;
		const masker = new Masker({ values: [], patterns: [token] });
		expect(masker.take('token=ghp_abc')).toBe('');
		expect(masker.take('defgh ')).toBe('token=•••••• ');
		expect(masker.take('ghp_short ')).toBe('ghp_short ');
	});

	it('holds back a bounded word', () => {
		const masker = new Masker({ values: [], patterns: [/never/g] });
		const long = 'x'.repeat(LIMITS.recordingWord * 3);
		expect(masker.take(long).length).toBeGreaterThanOrEqual(LIMITS.recordingWord * 2);
	});

	it('takes no notice of secrets too short to tell from words', () => {
		expect(over(['a b abc'], ['abc'])).toBe('a b abc');
	});
});
