/** What a document can be held against: the recorded attempt, and texts that it must not be copied from. */
import type { LabDefinition } from '../protocol/lab.ts';
import { KIND_SHAPES } from '../protocol/document-kinds.ts';
import type { Attempt, FactEvent } from '../protocol/documents.ts';
import type { Evidence, Learner } from '../protocol/progress.ts';

/** What was broken on purpose, where the attempt's lab says it. */
export interface RecordedFault {
	/** `kind/name`, as one would write it, and other names for it. */
	readonly components: readonly string[];
	/** Ids of MECHANISMS that are right. */
	readonly mechanisms: readonly string[];
}

export interface Measurement {
	readonly id: string;
	/** Name of the option or run, as in the options table. */
	readonly option: string;
	readonly field: 'cost' | 'latency';
	readonly value: number;
}

export interface Facts {
	/** Events of the attached attempt; undefined where none is attached. */
	readonly events?: readonly FactEvent[];
	readonly fault?: RecordedFault;
	/** The truth about the impact. */
	readonly impact?: { readonly minutes: number; readonly failedRequests?: number };
	readonly measurements?: readonly Measurement[];
	/** Texts that are not the learner's, or are of another of their documents. */
	readonly others: readonly { readonly name: string; readonly text: string }[];
}

/** A lab as far as its texts go. */
export interface LabTexts {
	readonly definition: Pick<LabDefinition, 'id' | 'title' | 'tasks' | 'summary' | 'fault'>;
	readonly brief: string;
}

/** The words of the templates, as one text that documents are held against. */
export const templateText: string = Object.values(KIND_SHAPES)
	.flatMap(({ about, parts }) => [about, ...parts.map((part) => part.hint)])
	.join('\n\n');

export function labText({ definition, brief }: LabTexts): string {
	return [definition.summary, brief, ...definition.tasks.flatMap((task) => [task.title, task.text, ...task.hints])].join('\n\n');
}

/** What the record knows of a submitted attempt: when the lab was begun, tasks were seen done, the verdict, each with an id to cite. */
export function attemptOf(learner: Learner, evidence: Evidence, lab: LabTexts['definition'] | undefined): Attempt {
	const progress = learner.labs[evidence.lab];
	const title = lab?.title ?? evidence.lab;
	const event = (id: string, at: string, what: string, type: FactEvent['type']): FactEvent => ({ id: `${evidence.id}/${id}`, at, what, type });
	const missed = evidence.verdict.checks
		.filter((check) => check.outcome === 'fail')
		.map((check) => `“${check.title}”${check.seen === undefined ? '' : ` (${check.seen})`}`);
	const events = [
		...(progress === undefined ? [] : [event('begun', progress.startedAt, `Lab “${title}” begun`, 'start')]),
		...Object.entries(progress?.tasksDone ?? {}).map(([task, at]) =>
			event(`task-${task}`, at, `Task seen working: ${lab?.tasks.find((t) => t.id === task)?.title ?? task}`, 'action'),
		),
		event(
			'verdict',
			evidence.verdict.gradedAt,
			`Verdict of attempt ${evidence.attempt}: ${evidence.score} of 100${missed.length > 0 ? `; failed: ${missed.join(', ')}` : ''}`,
			evidence.passed ? 'resolved' : 'detect',
		),
		...(evidence.at === evidence.verdict.gradedAt ? [] : [event('submitted', evidence.at, `Attempt ${evidence.attempt} submitted as evidence`, 'action')]),
	];
	// What came after this attempt's submission is another attempt's.
	const own = events.filter((one) => one.at <= evidence.at).sort((a, b) => a.at.localeCompare(b.at));
	return { evidence: evidence.id, lab: evidence.lab, title, attempt: evidence.attempt, at: evidence.at, score: evidence.score, events: own };
}
