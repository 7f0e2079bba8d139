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
	/** Figures of the run that the option's may be one of: its median, its p95… */
	readonly values: readonly number[];
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
	// What came after this attempt's submission is another attempt's. The sandbox's own clock may have been hurried on: its rows all belong.
	const { events: seen = [], runs = [] } = evidence.facts ?? {};
	const own = [
		...events.filter((one) => one.at <= evidence.at),
		...seen.map(({ at, what, type }, i) => event(`seen-${i + 1}`, at, what, type)),
		...runs.map((run, i) => event(`run-${i + 1}`, run.at, `Measured “${run.label}”: ${figuresText(run.figures)}`, 'detect')),
	].sort((a, b) => a.at.localeCompare(b.at));
	return { evidence: evidence.id, lab: evidence.lab, title, attempt: evidence.attempt, at: evidence.at, score: evidence.score, events: own };
}

const MILLISECONDS = /^(\w+?)_(\w+)_ms$/;

/** `ttft median 181 ms, p99 240 ms`, as far as a line goes. */
function figuresText(figures: { readonly [name: string]: number }): string {
	const parts = Object.entries(figures).flatMap(([name, value]) => {
		const [, statistic, metric] = MILLISECONDS.exec(name) ?? [];
		if (metric !== undefined) return [`${metric} ${statistic} ${Math.round(value * 10) / 10} ms`];
		return name === 'request_throughput' ? [`${Math.round(value * 100) / 100} requests/s`] : [];
	});
	return parts.slice(0, 12).join(', ');
}

/** The newest run of each label, as figures that a memo's option of that name may quote. */
export function measurementsOf(evidence: Evidence): Measurement[] {
	const newest = new Map((evidence.facts?.runs ?? []).map((run, i) => [run.label, { ...run, id: `${evidence.id}/run-${i + 1}` }]));
	return [...newest.values()].map(({ id, label, figures }) => ({
		id,
		option: label,
		field: 'latency',
		values: Object.entries(figures).flatMap(([name, value]) => (MILLISECONDS.test(name) ? [value] : [])),
	}));
}
