/** What an exported portfolio shows: everything that passed or was written or declared, under its deliverable, each with how it came about. */
import { shownDeclared } from '../progress/declared.ts';
import { writingsOf } from '../progress/writing.ts';
import type { WrittenEvidence } from '../protocol/documents.ts';
import { attemptStandings, declaredStandings, MENTORING, type Standing, writingStandings } from '../protocol/graded.ts';
import type { ShownDeclared } from '../protocol/portfolio.ts';
import type { Evidence, Learner, Mentoring } from '../protocol/progress.ts';
import type { BadgeLab } from './badge.ts';
import type { Deliverable } from './deliverables.ts';

export interface ExportLab extends BadgeLab {
	readonly deliverable: string;
}

export type Entry =
	| { readonly is: 'attempt'; readonly at: string; readonly evidence: Evidence; readonly lab: ExportLab }
	| { readonly is: 'document'; readonly at: string; readonly writing: WrittenEvidence }
	| { readonly is: 'link'; readonly at: string; readonly declared: ShownDeclared }
	/** Reviews given here, counted from the reviews themselves. */
	| { readonly is: 'reviews'; readonly at: string; readonly mentoring: Mentoring };

export interface Group {
	readonly deliverable: Deliverable;
	/** Newest first; of a lab passed several times the attempt that a mentor confirmed, else the best, and the newest of equals. */
	readonly entries: readonly Entry[];
	/** What counts towards the deliverable's target. */
	readonly count: number;
}

export interface Contents {
	readonly name: string;
	readonly groups: readonly Group[];
	/** Passed attempts that get a badge, as shown. */
	readonly attempts: readonly Extract<Entry, { is: 'attempt' }>[];
}

export function entryStandings(entry: Entry): readonly Standing[] {
	switch (entry.is) {
		case 'attempt':
			return attemptStandings(entry.evidence);
		case 'document':
			return writingStandings(entry.writing);
		case 'reviews':
			return ['graded'];
		case 'link':
			return declaredStandings(entry.declared);
	}
}

export function contents(learner: Learner, labs: readonly ExportLab[], deliverables: readonly Deliverable[]): Contents {
	const attempts = bestAttempts(learner, labs);
	const entries: readonly (readonly [deliverable: string, entry: Entry])[] = [
		...attempts.map((entry) => [entry.lab.deliverable, entry] as const),
		...writingsOf(learner).map((writing) => [writing.deliverable, { is: 'document', at: writing.at, writing }] as const),
		...(learner.mentoring === undefined ? [] : [[MENTORING, { is: 'reviews', at: learner.mentoring.at, mentoring: learner.mentoring }] as const]),
		...shownDeclared(learner).map((declared) => [declared.deliverable, { is: 'link', at: declared.on, declared }] as const),
	];
	const groups = deliverables.map((deliverable) => {
		const own = entries.filter(([id]) => id === deliverable.id).map(([, entry]) => entry);
		own.sort((a, b) => b.at.localeCompare(a.at));
		return { deliverable, entries: own, count: own.reduce((sum, entry) => sum + piecesOf(entry), 0) };
	});
	return { name: learner.name === '' ? 'A learner at Foothold' : learner.name, groups: groups.filter((group) => group.entries.length > 0), attempts };
}

const piecesOf = (entry: Entry): number => (entry.is === 'link' ? entry.declared.count : entry.is === 'reviews' ? entry.mentoring.reviews : 1);

/** A mentor's word weighs more than points: both of an attempt that only scored better would be lost. */
const confirmed = ({ kind }: Evidence): number => (kind === 'mentor-confirmed' ? 1 : 0);

function bestAttempts(learner: Learner, labs: readonly ExportLab[]): Extract<Entry, { is: 'attempt' }>[] {
	return labs.flatMap((lab) => {
		const passed = learner.evidence.filter((one) => one.lab === lab.id && one.passed);
		const [best] = passed.sort((a, b) => confirmed(b) - confirmed(a) || b.score - a.score || b.at.localeCompare(a.at));
		return best === undefined ? [] : [{ is: 'attempt' as const, at: best.at, evidence: best, lab }];
	});
}
