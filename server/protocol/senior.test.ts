import { describe, expect, it } from 'vitest';
import type { MentorMark } from './assessment.ts';
import { mentorMarksSchema } from './assessment.ts';
import { mentorStanding } from './senior.ts';

const mark = (by: string, level: MentorMark['level'], at: string, over: Partial<MentorMark> = {}): MentorMark => ({
	by,
	person: `p-${by}`,
	level,
	at,
	...over,
});

describe('what mentors’ marks show', () => {
	it('is nothing without any, and the newest below senior', () => {
		expect(mentorStanding([], 'mid')).toEqual({ level: undefined, by: [], alone: false });
		expect(mentorStanding([mark('Mina', 'senior', '1'), mark('Sol', 'started', '2')], 'mid')).toEqual({ level: 'started', by: ['Sol'], alone: false });
	});

	it('is mid where one mentor alone says senior, whatever else was graded below mid', () => {
		for (const graded of ['none', 'started'] as const)
			expect(mentorStanding([mark('Mina', 'senior', '1')], graded)).toEqual({ level: 'mid', by: ['Mina'], alone: true });
		const doubled = [mark('Mina', 'senior', '1'), mark('Mina', 'senior', '2')];
		expect(mentorStanding(doubled, 'none').alone).toBe(true);
		expect(mentorStanding([mark('Mina', 'senior', '1'), mark('Sol', 'mid', '0')], 'none').alone).toBe(true);
	});

	it('is senior with a second mentor, or with graded evidence at mid', () => {
		expect(mentorStanding([mark('Mina', 'senior', '1')], 'mid')).toEqual({ level: 'senior', by: ['Mina'], alone: false });
		expect(mentorStanding([mark('Mina', 'senior', '1'), mark('Sol', 'senior', '2')], 'none')).toEqual({ level: 'senior', by: ['Sol', 'Mina'], alone: false });
	});

	it('is joined by a second review’s mark, but never lowered or made by it', () => {
		const second = (level: MentorMark['level']): MentorMark => mark('Sol', level, '2', { second: true });
		expect(mentorStanding([mark('Mina', 'senior', '1'), second('senior')], 'none').level).toBe('senior');
		expect(mentorStanding([mark('Mina', 'mid', '1'), second('started')], 'none').level).toBe('mid');
		expect(mentorStanding([second('senior')], 'mid').level).toBeUndefined();
	});

	it('reads the one mark of older records, known by its name', () => {
		const [old] = mentorMarksSchema.parse({ level: 'senior', by: 'Mina', at: '1' });
		expect(mentorStanding(old === undefined ? [] : [old, { ...old, at: '2' }], 'none')).toEqual({ level: 'mid', by: ['Mina'], alone: true });
	});
});
