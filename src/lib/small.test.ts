import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { LabSummary } from '../../server/protocol/http.ts';
import { Acks } from './acks.ts';
import { backoff } from './backoff.ts';
import { duration, formatScore } from './format.ts';
import { catalogueSchema } from './i18n/catalogue.ts';
import { nextLab, standing } from './lab-progress.ts';

const { script: words } = catalogueSchema.parse(parse(readFileSync('content/ui/en.yaml', 'utf8')));

describe('backoff', () => {
	it('doubles up to a ceiling and spreads by a quarter either way', () => {
		expect([1, 2, 3, 4].map((failures) => backoff(failures, 0.5))).toEqual([400, 800, 1600, 3200]);
		expect([backoff(1, 0), backoff(1, 1)]).toEqual([300, 500]);
		expect(backoff(1000, 1)).toBe(18_750);
	});
});

describe('Acks', () => {
	it('reports in lumps while output flows, and the rest once it stops; nothing is counted twice', () => {
		const reported: number[] = [];
		const acks = new Acks((characters) => reported.push(characters), 100);
		acks.add(60, false);
		acks.add(60, false);
		acks.add(10, false);
		acks.add(5, true);
		acks.add(0, true);
		expect(reported).toEqual([120, 15]);
	});
});

describe('lab progress', () => {
	const lab = (id: string, month: number, progress?: Partial<NonNullable<LabSummary['progress']>>): LabSummary => ({
		id,
		title: id,
		month,
		minutes: 1,
		summary: '',
		points: 100,
		...(progress ? { progress: { lab: id, startedAt: '2026-01-01', tasksDone: {}, hintsOpened: {}, attempts: 0, bestScore: 0, ...progress } } : {}),
	});
	it('offers the lab begun last, else the first open one, else the last of all', () => {
		const begun = [lab('a', 1), lab('b', 2, { startedAt: '2026-02-01' }), lab('c', 3, { startedAt: '2026-01-01' })];
		expect(nextLab(begun)).toMatchObject({ lab: { id: 'b' }, started: true });
		expect(nextLab([lab('b', 2), lab('a', 1)])).toMatchObject({ lab: { id: 'a' }, started: false });
		expect(nextLab([lab('a', 1, { submittedAt: 'x' })])).toMatchObject({ lab: { id: 'a' }, started: true });
		expect(nextLab([])).toBeUndefined();
	});
	it('says where one stands', () => {
		expect(standing(lab('a', 1), 4, words)).toBeUndefined();
		expect(standing(lab('a', 1, { tasksDone: { x: 't' } }), 4, words)).toEqual({ text: '1 of 4 tasks done', share: 0.25 });
		expect(standing(lab('a', 1, { attempts: 1, bestScore: 40 }), 4, words)).toEqual({ text: '0 of 4 tasks done · best score 40 of 100', share: 0 });
		expect(standing(lab('a', 1, { submittedAt: 'x', bestScore: 90 }), 4, words)).toEqual({ text: 'Submitted · best score 90 of 100', share: 1 });
	});
});

describe('format', () => {
	it('writes scores and durations as a person would', () => {
		expect([formatScore(70), formatScore(66.666), formatScore(0)]).toEqual(['70', '66.7', '0']);
		expect([duration(12.4), duration(999), duration(1250)]).toEqual(['12 ms', '999 ms', '1.3 s']);
	});
});
