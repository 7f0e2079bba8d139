/**
 * Which evidence moves which row of the rubric. The rows and their words are content/rubric/rows.yaml; the levels are the
 * "mid versus senior" table of the track. A lab names the rows that it is evidence for; what it cannot show, no number of
 * labs shows: senior levels speak of postmortems, decision memos, tools used by others and juniors, so graded labs end at mid.
 */
import type { Evidence, RubricStanding } from '../protocol/progress.ts';

interface RowRule {
	/** Distinct passed labs for 'mid'; null where labs never show it. */
	readonly midLabs: number | null;
	readonly why: string;
}

const RUBRIC_RULES: { readonly [row: string]: RowRule } = {
	// Mid is "1 to 2" drills: one led to its end is enough. Senior asks for ten with postmortems, which a lab's verdict does not hold.
	'incident-drills': { midLabs: 1, why: 'a drill led to its end, graded' },
	// Mid is "general" analysis: one lab could be luck, two different ones are a habit. Senior asks for quantified memos.
	'cost-latency': { midLabs: 2, why: 'a lab whose cost or latency figures were met' },
	// Mid is "operator level": hardened workloads in three different settings. Senior asks for policies of one's own.
	'security-compliance': { midLabs: 3, why: 'a lab whose security checks passed' },
	// Mid is "5 to 10 scripts". A passed lab's manifests are one piece: they build the whole thing again from nothing, unattended.
	automation: { midLabs: 5, why: 'manifests or scripts that rebuild what was graded' },
	// Only those who were mentored can say so.
	mentoring: { midLabs: null, why: 'confirmed by juniors' },
};

const order = ['none', 'started', 'mid', 'senior'] as const;

export interface Move {
	readonly row: string;
	readonly from: string;
	readonly to: string;
}

/** The rubric after a piece of evidence; `rows` are those that its lab names. The same rubric where it shows nothing new. */
export function moveRubric(
	rubric: readonly RubricStanding[],
	evidence: Evidence,
	rows: readonly string[],
	earlier: readonly Evidence[],
): { readonly rubric: RubricStanding[]; readonly moved: readonly Move[] } {
	const next = [...rubric];
	const moved: Move[] = [];
	if (!evidence.passed) return { rubric: next, moved };
	for (const row of rows) {
		const rule = RUBRIC_RULES[row];
		if (rule === undefined || rule.midLabs === null) continue;
		const at = next.findIndex((standing) => standing.row === row);
		const old: RubricStanding = next[at] ?? { row, level: 'none', evidence: [], count: 0 };
		const labOf = (id: string): string | undefined => earlier.find((e) => e.id === id)?.lab;
		// The same lab passed again shows the same thing: its newer evidence is added, the count stays.
		const repeated = old.evidence.some((id) => labOf(id) === evidence.lab);
		const count = old.count + (repeated ? 0 : 1);
		const reached = count >= rule.midLabs ? 'mid' : 'started';
		const level = order.indexOf(reached) > order.indexOf(old.level) ? reached : old.level;
		const standing: RubricStanding = {
			...old,
			level,
			count,
			evidence: [...old.evidence, evidence.id],
			...(level === old.level && repeated ? {} : { movedAt: evidence.at }),
		};
		if (at >= 0) next[at] = standing;
		else next.push(standing);
		if (level !== old.level) moved.push({ row, from: old.level, to: level });
	}
	return { rubric: next, moved };
}
