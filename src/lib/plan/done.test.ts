import { expect, it } from 'vitest';
import type { Evidence } from '../../../server/protocol/progress.ts';
import { doneBy } from './done.ts';

const months = [{ month: 2, title: 'Two', deliverable: { id: 'd2', title: 'Thing' }, lessons: ['month-2/a', 'month-2/b'], labs: [{ id: 'l', title: 'Lab' }] }];
const graded = (passed: boolean) => [{ id: 'e', kind: 'graded', lab: 'l', passed } as Evidence];
const portfolio = [{ id: 'd2', deliverable: 'd2', title: 'Thing', evidence: ['e'], updatedAt: '' }];
const milestone = (id: string, kind: 'lab' | 'reading' | 'deliverable' | 'checklist') => ({ id, kind, title: '', due: '2026-01-01', hours: 1 });
const lab = milestone('month-2/lab/l', 'lab');
const deliverable = milestone('month-2/deliverable', 'deliverable');
const reading = milestone('month-2/reading', 'reading');
const checklist = milestone('month-2/checklist', 'checklist');

it('a verdict, not an attempt, makes a lab and its deliverable done, and counts before a tick', () => {
	const none = { evidence: graded(false), portfolio, reading: {} };
	expect([lab, deliverable].map(doneBy({ months }, none, {}))).toEqual([undefined, undefined]);
	const passed = { ...none, evidence: graded(true) };
	expect([lab, deliverable].map(doneBy({ months }, passed, { [lab.id]: '1' }))).toEqual(['graded', 'graded']);
});

it('lessons are done once all of the month are read', () => {
	const read = { openedAt: '1', readAt: '2' };
	const doneOf = (own: Record<string, { openedAt: string; readAt?: string }>) => doneBy({ months }, { evidence: [], portfolio: [], reading: own }, {})(reading);
	expect(doneOf({ 'month-2/a': read, 'month-2/b': { openedAt: '1' } })).toBeUndefined();
	expect(doneOf({ 'month-2/a': read, 'month-2/b': read })).toBe('read');
});

it('what is ticked is declared', () => {
	const doneOf = doneBy({ months }, { evidence: [], portfolio: [], reading: {} }, { [checklist.id]: '1' });
	expect([checklist, lab].map(doneOf)).toEqual(['declared', undefined]);
});
