import { describe, expect, it } from 'vitest';
import { clock, parseCast, Timeline } from './asciicast.ts';

const text = [
	'{"version":3,"term":{"cols":80,"rows":24},"timestamp":1790000000,"title":"t1"}',
	'[0.5,"o","$ "]',
	'[1,"m","ls"]',
	'# a comment',
	'[0.25,"o","a b\\r\\n"]',
	'[100,"r","100x30"]',
	'[0.25,"i","never played"]',
	'[1,"x","0"]',
	'[2,"o","torn',
].join('\n');

describe('an asciicast v3 file', () => {
	it('is read with times from its start; comments, input and a torn line are left out', () => {
		const cast = parseCast(text);
		expect(cast?.columns).toBe(80);
		expect(cast?.timestamp).toBe(1790000000);
		expect(cast?.events).toEqual([
			{ at: 0.5, code: 'o', data: '$ ' },
			{ at: 1.5, code: 'm', data: 'ls' },
			{ at: 1.75, code: 'o', data: 'a b\r\n' },
			{ at: 101.75, code: 'r', data: '100x30' },
			{ at: 103, code: 'x', data: '0' },
		]);
		expect(cast?.duration).toBe(103);
	});

	it('is refused where it is something else', () => {
		expect(parseCast('{"version":2,"width":80,"height":24}\n')).toBeUndefined();
		expect(parseCast('')).toBeUndefined();
		expect(parseCast('<html>')).toBeUndefined();
	});
});

describe('a timeline', () => {
	const cast = parseCast(text);
	if (cast === undefined) throw new Error('the sample is no recording');

	it('cuts pauses short, and finds a moment of the recording in what is played', () => {
		const squeezed = new Timeline(cast, 2);
		expect(squeezed.duration).toBeCloseTo(0.5 + 1 + 0.25 + 2 + 1.25);
		expect(squeezed.toPlayed(101.75)).toBeCloseTo(3.75);
		for (const own of [0, 0.2, 1.5, 50, 101.75, 103]) expect(squeezed.toOwn(squeezed.toPlayed(own))).toBeCloseTo(own);
	});

	it('counts the events that have happened', () => {
		const whole = new Timeline(cast, Number.POSITIVE_INFINITY);
		expect([0, 0.5, 1.6, 500].map((at) => whole.reached(at))).toEqual([0, 1, 2, 5]);
		expect(whole.duration).toBe(103);
	});
});

it('words times', () => {
	expect([0, 65.9, 3723].map(clock)).toEqual(['0:00', '1:05', '1:02:03']);
});
