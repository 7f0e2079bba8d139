/** How submissions and findings are worded. */
import type { FindingType } from '../../../server/protocol/findings.ts';
import type { Bundle, Place, QueueRow, SubmissionKind, SubmissionState } from '../../../server/protocol/reviews.ts';
import { ApiError } from '../api.ts';
import { h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { t } from './words.ts';

export const STATES: Readonly<Record<SubmissionState, { readonly word: string; readonly tone: string }>> = {
	waiting: { word: t.stateWaiting, tone: 'accent' },
	'in-review': { word: t.stateInReview, tone: 'accent' },
	'changes-asked': { word: t.stateChanges, tone: 'warn' },
	approved: { word: t.stateApproved, tone: 'pass' },
	withdrawn: { word: t.stateWithdrawn, tone: '' },
};
export const QUEUE_STATES: Readonly<Record<QueueRow['state'], { readonly word: string; readonly tone: string }>> = {
	open: { word: t.queueOpen, tone: 'accent' },
	mine: { word: t.queueMine, tone: 'warn' },
	taken: { word: t.queueTaken, tone: '' },
	second: { word: t.queueSecond, tone: 'accent' },
};
export const KIND_WORDS: Readonly<Record<SubmissionKind, string>> = {
	lab: t.kindLab,
	document: t.kindDocument,
	portfolio: t.kindPortfolio,
	declared: t.kindDeclared,
};
export const TYPES: Readonly<Record<FindingType, { readonly word: string; readonly about: string; readonly tone: string }>> = {
	essential: { word: t.essential, about: t.essentialAbout, tone: 'fail' },
	actionable: { word: t.actionable, about: t.actionableAbout, tone: 'warn' },
	informative: { word: t.informative, about: t.informativeAbout, tone: 'accent' },
	celebratory: { word: t.celebratory, about: t.celebratoryAbout, tone: 'pass' },
};

export const badge = ({ word, tone }: { readonly word: string; readonly tone: string }): HTMLElement => h('span', { class: `badge ${tone}` }, word);

const MINUTE = 60_000;

/** How long ago, in one unit: “5 min”, “3 h”, “2 d”. */
export function waited(since: string, now: number = Date.now()): string {
	const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / MINUTE));
	if (minutes < 60) return fillIn(t.minutes, { n: minutes });
	return minutes < 48 * 60 ? fillIn(t.hours, { n: Math.floor(minutes / 60) }) : fillIn(t.days, { n: Math.floor(minutes / 60 / 24) });
}

export const when = (at: string): HTMLElement =>
	h('time', { datetime: at }, new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }));

/** Seconds of a recording: 1:05. */
export const clockText = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** Where a finding points, in words. */
export function placeText(place: Place, { attempts, documents }: Bundle): string {
	switch (place.at) {
		case 'whole':
			return t.placeWhole;
		case 'file':
			return fillIn(t.placeLine, { name: shortPath(place.path), line: place.line });
		case 'document':
			return fillIn(t.placeLine, { name: documents.find(({ document }) => document === place.document)?.title ?? t.kindDocument, line: place.line });
		case 'change':
			return fillIn(t.placeChange, { object: place.object });
		case 'check': {
			const checks = attempts.find(({ evidence }) => evidence === place.attempt)?.verdict.checks ?? [];
			return fillIn(t.placeCheck, { check: checks.find(({ id }) => id === place.check)?.title ?? place.check });
		}
		case 'moment':
			return fillIn(t.placeMoment, { recording: place.recording, time: clockText(place.seconds) });
	}
}

export const shortPath = (path: string): string => path.replace(/^\/home\/learner\//, '~/');

/** Two places that are the same have the same key. */
export const placeKey = (place: Place): string => JSON.stringify(Object.entries(place).sort(([a], [b]) => a.localeCompare(b)));

export const sentence = (error: unknown): string => (error instanceof ApiError ? `${error.message} ${error.next}` : String(error));
export const problem = (error: unknown): HTMLElement => h('p', { class: 'notice warn', role: 'alert' }, sentence(error));
