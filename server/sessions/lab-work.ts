/** What a learner does for the lab itself: tasks done, checks, submissions, hints; all of it goes into the progress. */
import { randomUUID } from 'node:crypto';
import { fault } from '../errors/catalogue.ts';
import type { LoadedLab } from '../grading/grade.types.ts';
import { checked, hintOpened, labStarted, submitted, tasksDone } from '../progress/changes.ts';
import type { Progress } from '../progress/progress.ts';
import type { Verdict } from '../protocol/lab.ts';
import type { ClientMessage, TaskState } from '../protocol/messages.ts';
import type { LabProgress } from '../protocol/progress.ts';
import { EvidenceKeeper, type EvidenceOptions } from './evidence.ts';
import { tasksPassed } from './live.ts';
import type { Page } from './page.ts';
import type { Pages } from './pages.ts';
import type { WorkerLink } from './worker-link.ts';

type Request<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;

export interface LabWorkOptions extends EvidenceOptions {
	readonly lab: LoadedLab;
	readonly progress: Progress;
}

export class LabWork {
	private readonly options: LabWorkOptions;
	private readonly pages: Pages;
	private readonly link: WorkerLink;
	private readonly evidence: EvidenceKeeper;
	/** Requests of submissions that have been taken. */
	private readonly submissions = new Set<string>();

	constructor(options: LabWorkOptions, pages: Pages, link: WorkerLink) {
		this.options = options;
		this.pages = pages;
		this.link = link;
		this.evidence = new EvidenceKeeper(options, link);
	}

	/** Notes that the learner has begun. A full disk must not keep anyone out: it is said, and tried again. */
	started(): void {
		const { progress, record } = this.options;
		progress.appendPatiently(
			record.learner,
			`started:${record.lab}`,
			(l) => labStarted(l, record.lab, new Date().toISOString()),
			(error) => this.pages.tellFault(error),
		);
	}

	/** Grades for the learner's own eyes. */
	async check(message: Request<'lab.check'>): Promise<void> {
		const verdict = await this.grade(message.request, 0);
		this.pages.tell({ type: 'verdict', request: message.request, verdict });
	}

	/** Grades and keeps it as evidence. */
	async submit(page: Page, message: Request<'lab.submit'>): Promise<void> {
		// The same click sent twice (a double click, a page that came back) is one submission.
		if (this.submissions.has(message.request)) return;
		this.submissions.add(message.request);
		const { progress, record, lab } = this.options;
		try {
			const verdict = await this.grade(message.request, (await this.progress()).attempts + 1);
			const files = await this.link.call('workspace', {});
			const facts = await this.evidence.facts();
			const id = randomUUID();
			const recordings = await this.evidence.keepRecordings(id);
			await this.evidence.keepChanges(id);
			const submission = { id, verdict, files, recordings, ...(facts === undefined ? {} : { facts }), at: new Date().toISOString() };
			let moved: ReturnType<typeof submitted>['moved'] = [];
			await progress.append(record.learner, `submit:${submission.id}`, (learner) => {
				const result = submitted(learner, lab.definition, submission);
				moved = result.moved;
				return result.learner;
			});
			this.pages.tell({ type: 'verdict', request: message.request, verdict });
			page.send({ type: 'submitted', request: message.request, evidence: submission.id, score: verdict.score, passed: verdict.passed, moved: [...moved] });
		} catch (error) {
			this.submissions.delete(message.request);
			throw error;
		}
	}

	/** Opens a task's next hint, on the page that asked. */
	async hint(page: Page, message: Request<'lab.hint'>): Promise<void> {
		const { progress, record, lab } = this.options;
		const task = lab.definition.tasks.find((t) => t.id === message.task);
		if (task === undefined) throw fault('task-unknown', { task: message.task });
		const opened = (await this.progress()).hintsOpened[task.id] ?? 0;
		const text = task.hints[opened];
		if (text === undefined) throw fault('hint-none', { task: task.title });
		await progress.append(record.learner, `hint:${randomUUID()}`, (l) => hintOpened(l, record.lab, task.id, opened + 1, new Date().toISOString()));
		page.send({ type: 'hint', request: message.request, task: task.id, text, left: task.hints.length - opened - 1 });
		this.pages.tell({ type: 'tasks', tasks: await this.taskStates() });
	}

	/** Notes tasks that hold for the first time, and makes a checkpoint there. */
	async tasksSeen(done: readonly string[]): Promise<void> {
		const { progress, record } = this.options;
		const known = (await this.progress()).tasksDone;
		const fresh = done.filter((task) => known[task] === undefined);
		if (fresh.length === 0) return;
		await progress.append(record.learner, `tasks:${record.lab}:${randomUUID()}`, (l) => tasksDone(l, record.lab, fresh, new Date().toISOString()));
		this.pages.tell({ type: 'tasks', tasks: await this.taskStates() });
		const titles = this.options.lab.definition.tasks.filter((task) => fresh.includes(task.id)).map((task) => task.title);
		await this.link.call('checkpointSave', { reason: 'task', name: titles.join(', ') });
	}

	/** How far the learner is with the lab. */
	async progress(): Promise<LabProgress> {
		const { progress, record } = this.options;
		const learner = await progress.read(record.learner);
		return learner.labs[record.lab] ?? { lab: record.lab, startedAt: '', tasksDone: {}, hintsOpened: {}, attempts: 0, bestScore: 0 };
	}

	/** The lab's tasks as pages show them. */
	async taskStates(): Promise<TaskState[]> {
		const progress = await this.progress();
		return this.options.lab.definition.tasks.map((task) => {
			const doneAt = progress.tasksDone[task.id];
			const opened = progress.hintsOpened[task.id] ?? 0;
			return {
				id: task.id,
				done: doneAt !== undefined,
				...(doneAt === undefined ? {} : { doneAt }),
				hintsOpened: task.hints.slice(0, opened),
				hintsLeft: Math.max(0, task.hints.length - opened),
			};
		});
	}

	/** `attempt`: 0 where somebody only looks, which is free; a submission is the next attempt. */
	private async grade(request: string, attempt: number): Promise<Verdict> {
		const { progress, record } = this.options;
		const verdict = await this.link.call('grade', { request, attempt, seed: record.seed });
		await progress.append(record.learner, `verdict:${randomUUID()}`, (learner) => checked(learner, record.lab, verdict));
		await this.tasksSeen(tasksPassed(this.options.lab.definition, verdict));
		return verdict;
	}
}
