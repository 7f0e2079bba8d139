/** What a page knows of a lab at build time. Hints and checks are left out on purpose: hints open one at a time, and their opening is recorded. */
export interface StaticTask {
	readonly id: string;
	readonly title: string;
	/** HTML made from the task's Markdown. */
	readonly html: string;
	readonly hints: number;
	readonly points: number;
}

/** The lab page's data: the lab, and what the page needs to name things outside of it. */
export interface LabPageData {
	readonly lab: StaticLab;
	/** Titles of the rubric's rows, by id. */
	readonly rows: Readonly<Record<string, string>>;
}

export interface StaticLab {
	readonly id: string;
	readonly title: string;
	readonly month: number;
	readonly minutes: number;
	readonly summary: string;
	readonly objectives: readonly string[];
	readonly namespace: string;
	readonly hosts: readonly string[];
	/** HTML made from brief.md; empty where the lab has none. */
	readonly brief: string;
	readonly tasks: readonly StaticTask[];
	readonly checks: number;
	readonly passScore: number;
	readonly deliverable: string;
}
