/** All submissions in memory, found by id, learner and reviewer. */
import type { Case } from '../protocol/reviews.ts';

export class Shelf {
	private readonly all = new Map<string, Case>();
	private readonly learners = new Map<string, Set<string>>();
	private readonly reviewers = new Map<string, Set<string>>();

	put(kept: Case): void {
		this.all.set(kept.id, kept);
		add(this.learners, kept.learner, kept.id);
		for (const { reviews } of kept.rounds) for (const { reviewer } of reviews) add(this.reviewers, reviewer, kept.id);
	}

	drop({ id, learner }: Case): void {
		this.all.delete(id);
		this.learners.get(learner)?.delete(id);
		for (const ids of this.reviewers.values()) ids.delete(id);
	}

	get(id: string): Case | undefined {
		return this.all.get(id);
	}

	of(learner: string): Case[] {
		return this.found(this.learners.get(learner));
	}

	/** Those that the person reviews or has reviewed. */
	reviewedBy(person: string): Case[] {
		return this.found(this.reviewers.get(person));
	}

	everything(): Case[] {
		return [...this.all.values()];
	}

	private found(ids: Iterable<string> = []): Case[] {
		return [...ids].flatMap((id) => this.all.get(id) ?? []);
	}
}

function add(index: Map<string, Set<string>>, key: string, id: string): void {
	const ids = index.get(key) ?? new Set();
	ids.add(id);
	index.set(key, ids);
}
