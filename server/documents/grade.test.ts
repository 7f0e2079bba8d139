import { describe, expect, it } from 'vitest';
import type { DocumentContent, Grade } from '../protocol/documents.ts';
import type { DocumentKind } from '../protocol/document-kinds.ts';
import type { Facts } from './facts.ts';
import { measurementsOf, templateText } from './facts.ts';
import { CHECKS, grade } from './grade.ts';
import { copiedMemo, excellentMemo, memoFacts, middlingMemo, stuffedMemo, wrongFigures } from './testing/memos.ts';
import { brief, copied, empty, excellent, facts, keywordSoup, longFiller, middling, stuffed, thesaurusBlame, wrongCause } from './testing/postmortems.ts';
import { excellentRfc } from './testing/rfc.ts';

const failed = (g: Grade): string[] => g.rows.filter((r) => r.outcome === 'fail').map((r) => r.check);
const say = (g: Grade): string =>
	g.rows
		.filter((r) => r.outcome === 'fail')
		.map((r) => `${r.check}: ${r.why}`)
		.join('\n');
const postmortem = (content: DocumentContent, f: Facts = facts): Grade => grade({ kind: 'postmortem', content }, f);
const memo = (content: DocumentContent, f: Facts = memoFacts): Grade => grade({ kind: 'decision-memo', content }, f);
const rfc = (content: DocumentContent): Grade => grade({ kind: 'rfc', content }, { others: [] });

describe('the test set: bounds', () => {
	it.each([
		['an excellent postmortem', postmortem(excellent), 85, 100],
		['a middling one', postmortem(middling), 45, 84],
		['one with the wrong cause', postmortem(wrongCause), 0, 40],
		['a stuffed one', postmortem(stuffed), 0, 35],
		['a copied one', postmortem(copied), 0, 0],
		['an empty one', postmortem(empty), 0, 0],
		['a soup of keywords', postmortem(keywordSoup), 0, 35],
		['long filler', postmortem(longFiller), 0, 35],
		['an excellent memo', memo(excellentMemo), 85, 100],
		['a middling memo', memo(middlingMemo), 45, 84],
		['a memo with wrong figures', memo(wrongFigures), 0, 40],
		['a stuffed memo', memo(stuffedMemo), 0, 35],
		['a copied memo', memo(copiedMemo), 0, 0],
		['an empty memo', memo(empty), 0, 0],
		['an excellent RFC', rfc(excellentRfc), 85, 100],
		['an empty RFC', rfc(empty), 0, 0],
	] as const)('%s', (_, graded, least, most) => {
		expect(graded.score, say(graded)).toBeGreaterThanOrEqual(least);
		expect(graded.score, say(graded)).toBeLessThanOrEqual(most);
	});

	it('leaves nothing to object to in the excellent ones', () => {
		expect([say(postmortem(excellent)), say(memo(excellentMemo)), say(rfc(excellentRfc))]).toEqual(['', '', '']);
	});

	it('finds blame in words that are not the usual ones', () => {
		const graded = postmortem(thesaurusBlame);
		expect(failed(graded)).toEqual(['blameless']);
		expect(graded.score).toBeLessThanOrEqual(70);
		expect(graded.rows.find((r) => r.check === 'blameless')?.where).toEqual(['cause', 'condition', 'lessons']);
	});

	it('does not let facts that are missing cost or give anything', () => {
		const graded = postmortem(excellent, { others: [] });
		expect(graded.rows.filter((r) => r.outcome === 'could-not-grade').map((r) => r.check)).toEqual([
			'timeline-true',
			'timeline-sources',
			'impact-true',
			'cause-true',
		]);
		expect([graded.score, graded.factual]).toEqual([100, false]);
		expect(graded.graded).toBeLessThan(70);
	});

	it('holds a document against facts only where most of its claims were, and held', () => {
		const factual = (f: Facts): boolean => postmortem(excellent, f).factual;
		const { events, fault, others } = facts;
		expect([factual(facts), factual({ others, ...(events === undefined ? {} : { events }) })]).toEqual([true, false]);
		expect(factual({ others, ...(events === undefined ? {} : { events }), ...(fault === undefined ? {} : { fault }) })).toBe(true);
		expect([postmortem(wrongCause).factual, memo(excellentMemo).factual, memo(wrongFigures).factual]).toEqual([false, true, false]);
	});

	it('says what is a mentor’s, and gives no points for it', () => {
		for (const graded of [postmortem(excellent), memo(excellentMemo), rfc(excellentRfc)]) {
			const rows = graded.rows.filter((r) => r.outcome === 'for-a-mentor');
			expect(rows.map((r) => r.earned)).toEqual([0]);
			expect(graded.graded).toBeLessThan(100);
		}
	});

	it.each(['1,1,1', '](', '```\n~~~\n', '`a', 'Aaa Bbb ', 'the junior senior new lead ', 'engineer who simply just ', 'a-a-'])(
		'takes no longer over a text made of %j',
		(unit) => {
			const long = unit.repeat(12_000 / unit.length);
			const started = performance.now();
			postmortem({ ...excellent, texts: Object.fromEntries(['summary', 'impact', 'cause', 'condition'].map((part) => [part, long])) });
			expect(performance.now() - started).toBeLessThan(1000);
		},
	);

	it('counts what is quoted as a quotation', () => {
		const quoted = { ...excellent, texts: { ...excellent.texts, summary: `${excellent.texts['summary']}\n\n> ${brief}` } };
		expect(failed(postmortem(quoted))).toEqual([]);
		expect(failed(postmortem({ ...excellent, texts: { ...excellent.texts, summary: brief } }))).toContain('copying');
	});

	it('knows the learner’s other documents', () => {
		const graded = postmortem(excellent, { ...facts, others: [{ name: 'your document “Before”', text: Object.values(excellent.texts).join('\n\n') }] });
		expect(failed(graded)).toEqual(['copying']);
		expect(graded.score).toBe(0);
	});
});

/** One change to an excellent document that fails one check, and no other. */
type Change = (content: DocumentContent) => DocumentContent;
const text =
	(part: string, to: string | ((old: string) => string)): Change =>
	(content) => ({ ...content, texts: { ...content.texts, [part]: typeof to === 'string' ? to : to(content.texts[part] ?? '') } });
const words = 'The shape of each thing was looked at from one more side by those who had it open at the moment, and their notes hold it.';

const ALONE: Readonly<Record<DocumentKind, Readonly<Record<string, Change>>>> = {
	postmortem: {
		structure: text('detection', 'An alert.'),
		'timeline-order': (c) => ({ ...c, timeline: c.timeline.map((row) => (row.type === 'detect' ? { ...row, type: 'action' } : row)) }),
		'timeline-true': (c) => ({ ...c, timeline: c.timeline.map((row, i) => (i > 3 ? { ...row, what: 'Everything looked fine to those who looked' } : row)) }),
		'timeline-sources': (c) => ({ ...c, timeline: c.timeline.map((row, i) => (i < 2 ? { ...row, source: 'seen myself' } : row)) }),
		impact: text('impact', 'Some 1,430 requests of 20,400 failed within 20 minutes (7 %), all of them answers with status 502; no note was lost.'),
		'impact-true': text('impact', (old) => old.replace('20 minutes', '45 minutes')),
		'cause-named': text('cause', (old) => old.replaceAll('`api`', 'this service')),
		'cause-true': text('component', 'replicaset/api'),
		'cause-trigger': text(
			'trigger',
			'With 502 answered, the ingress held an address for seconds, still; one replica restarted, exit code 137, oomkilled by the kernel, process ended; memory limit 128mi crossed, traffic of roughly four minutes, a working set; notes read, cache fills, release 1.8.0, each container limit.',
		),
		condition: text('condition', 'The service was run as it was designed by the people who had set it up in the spring of that year, with two replicas.'),
		'actions-formed': (c) => ({ ...c, actions: c.actions.map((row, i) => (i < 2 ? { ...row, verify: 'It is done' } : row)) }),
		'actions-balanced': (c) => ({ ...c, actions: c.actions.map((row) => (row.type === 'detect' ? { ...row, type: 'mitigate' } : row)) }),
		lessons: text('lessons', (old) => old.replace(/We were lucky that/, 'As it is,')),
		length: (c) => ({
			...c,
			actions: c.actions,
			texts: {
				...c.texts,
				mitigation: Array.from({ length: 120 }, (_, i) => `At 10:${10 + (i % 50)} step ${i} of the runbook set item-${i} to ${i * 7} MB.`).join(' '),
			},
		}),
		blameless: text('condition', (old) => `${old} The intern forgot the limit.`),
		stuffing: text('prevention', (old) => `${old} `.repeat(4)),
		copying: text('mitigation', brief),
	},
	'decision-memo': {
		structure: text('confirmation', 'p95 above 900 ms.'),
		options: (c) => ({ ...c, options: c.options.map((row) => (row.name.startsWith('Keep') ? { ...row, name: 'Three A100' } : row)) }),
		'same-rows': (c) => ({ ...c, options: c.options.map((row, i) => (i === 0 ? { ...row, latency: 'p50 200 ms' } : row)) }),
		sources: (c) => ({ ...c, options: c.options.map((row, i) => (i === 1 ? { ...row, source: 'tbd' } : row)) }),
		'figures-true': (c) => ({ ...c, options: c.options.map((row, i) => (i === 1 ? { ...row, latency: 'p95 700 ms' } : row)) }),
		follows: text('decision', `Two L4 with int8 it is. ${words}`),
		dominated: (c) => ({
			...c,
			options: c.options.map((row) => (row.name.startsWith('Keep') ? { ...row, cost: '$1,200/month' } : row)),
			texts: { ...c.texts, decision: (c.texts['decision'] ?? '').replace(/One A100 .*/s, '') },
		}),
		consequences: text('consequences', 'It saves $3,630 a month, and that is 69 % of the bill, which is what finance had asked for by the end of the quarter.'),
		risk: text('owner', 'everyone'),
		confirmation: text('confirmation', 'If tenants complain in the weekly call more often than they do at present.'),
		length: text(
			'context',
			(old) => `${old} ${Array.from({ length: 130 }, (_, i) => `Run ${i} of the series had ${i * 3} requests and took ${i + 11} ms on card-${i}.`).join(' ')}`,
		),
		blameless: text('risk', (old) => `${old} The intern forgot the limit.`),
		stuffing: text('context', (old) => `${old} `.repeat(4)),
		copying: text('context', memoFacts.others[0]?.text ?? ''),
	},
	rfc: {
		structure: text('summary', 'Secrets.'),
		options: (c) => ({ ...c, options: c.options.map((row) => (row.name.startsWith('Do nothing') ? { ...row, name: 'A wiki page' } : row)) }),
		rollout: text('rollout', (old) => old.replaceAll('\n- ', ' ')),
		'success-metrics': text('metrics', 'Fewer secrets in repositories than there are today, and fewer tickets, as counted by the weekly scan.'),
		compatibility: text(
			'compatibility',
			'Everything that is there keeps working as it does, and all of that will go on as it is for as long as anybody likes it.',
		),
		migration: text('migration', (old) => old.replaceAll(/\d{4}-\d\d-\d\d/g, 'some day')),
		length: text(
			'proposal',
			(old) => `${old} ${Array.from({ length: 130 }, (_, i) => `Team ${i} has ${i * 3} pods and moves in ${i + 11} min with job-${i}.`).join(' ')}`,
		),
		blameless: text('risk', (old) => `${old} The intern forgot the limit.`),
		stuffing: text('motivation', (old) => `${old} `.repeat(4)),
		copying: text('proposal', templateText.slice(0, 700)),
	},
};
const EXCELLENT = { postmortem: excellent, 'decision-memo': excellentMemo, rfc: excellentRfc };
const FACTS: Readonly<Record<DocumentKind, Facts>> = { postmortem: facts, 'decision-memo': memoFacts, rfc: { others: [] } };

describe.each(Object.keys(CHECKS) as DocumentKind[])('each check of a %s', (kind) => {
	const gradable = CHECKS[kind].filter((check) => check.run({ kind, content: EXCELLENT[kind] }, FACTS[kind]).outcome !== 'for-a-mentor');

	it('has a document that fails it', () => {
		expect(Object.keys(ALONE[kind]).sort()).toEqual(gradable.map((check) => check.id).sort());
	});

	it.each(Object.keys(ALONE[kind]))('%s fails alone', (check) => {
		const changed = ALONE[kind][check]?.(EXCELLENT[kind]) ?? EXCELLENT[kind];
		const graded = grade({ kind, content: changed }, FACTS[kind]);
		expect(failed(graded), say(graded)).toEqual([check]);
	});
});

describe('measured runs', () => {
	const run = (label: string, figures: { [name: string]: number }, at = '2026-11-20T10:00:00.000Z') => ({ at, label, figures });
	const evidence = (runs: ReturnType<typeof run>[]) => ({ id: 'e1', facts: { events: [], runs } }) as unknown as Parameters<typeof measurementsOf>[0];
	const figuresRow = (runs: ReturnType<typeof run>[]) =>
		grade({ kind: 'decision-memo', content: excellentMemo }, { ...memoFacts, measurements: measurementsOf(evidence(runs)) }).rows.find(
			(row) => row.check === 'figures-true',
		);

	it('hold a memo’s figures to any of the run’s own, the newest of its label', () => {
		const runs = [run('One A100', { p95_ttft_ms: 100 }), run('One A100', { median_ttft_ms: 400, p95_ttft_ms: 650, request_throughput: 640 })];
		expect(figuresRow(runs)?.outcome).toBe('pass');
		expect(figuresRow([run('One A100', { p95_ttft_ms: 900 })])?.outcome).toBe('fail');
		// Throughput is no latency, though its number is the quoted one.
		expect(figuresRow([run('One A100', { request_throughput: 640, p95_ttft_ms: 1 })])?.outcome).toBe('fail');
	});

	it('leave the figures ungraded where no option has a run’s name, and say which there are', () => {
		const row = figuresRow([run('constant@2.00', { p95_ttft_ms: 640 })]);
		expect([row?.outcome, row?.why]).toEqual(['could-not-grade', expect.stringContaining('“constant@2.00”')]);
	});
});
