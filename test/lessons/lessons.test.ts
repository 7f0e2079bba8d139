/** Every lesson is held to content/track/lessons/README.md. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { diagramsOf, termsOf } from '../../src/lib/lessons/lesson-html.ts';
import { readLessons } from '../../src/lib/lessons/lesson-files.ts';
import { examSchema, glossarySchema, lessonSchema, monthSchema } from '../../src/lib/lessons/schema.ts';
import { difference, run, typedIn } from './commands.ts';
import { diagramFaults } from './diagrams.ts';

const root = resolve(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const lessons = await readLessons(join(root, 'content/track/lessons'));
const glossary = (parse(text('content/glossary.yaml')) as unknown[]).map((entry) => glossarySchema.parse(entry));
const exams = (parse(text('content/exams.yaml')) as unknown[]).map((entry) => examSchema.parse(entry));
const domains = exams.flatMap((exam) => exam.domains.map((domain) => `${exam.id}/${domain.id}`));
const frontmatter = (path: string): unknown => parse(/^---\n([\s\S]*?)\n---/.exec(text(path))?.[1] ?? '');
const months = [1, 2, 3, 4, 5, 6].map((n) => monthSchema.parse(frontmatter(`content/track/month-${n}.md`)));
const labs = [...months.flatMap((month) => month.labs.map((lab) => lab.id))];
const terms = new Set(glossary.map((entry) => entry.id));

/** Words of running text: no code, tables, diagrams, markup or addresses. */
function wordsOf(body: string): number {
	const prose = body
		.replace(/^```[\s\S]*?^```$/gm, ' ')
		.replace(/^\|.*$/gm, ' ')
		.replace(/!\[[^\]]*\]\([^)]*\)/g, ' ')
		.replace(/\]\([^)]*\)/g, ' ')
		.replace(/<[^>]+>/g, ' ');
	return prose.match(/[\p{L}\p{N}][\p{L}\p{N}'’./:_-]*/gu)?.length ?? 0;
}

/** Whether a path of the site leads to a page. */
function leads(path: string): boolean {
	const [page = '', anchor] = path.split('#');
	if (page === '/glossary/') return anchor === undefined || terms.has(anchor);
	const lesson = /^\/track\/(month-\d\/[a-z0-9-]+)\/$/.exec(page)?.[1];
	if (lesson !== undefined) return lessons.some(({ id }) => id === lesson);
	const lab = /^\/labs\/([a-z0-9-]+)\/$/.exec(page)?.[1];
	if (lab !== undefined) return existsSync(join(root, 'labs', lab, 'lab.yaml'));
	return /^\/(track\/(month-[1-6]\/)?|labs\/|portfolio\/|rubric\/|help\/|)$/.test(page);
}

describe('the months', () => {
	it('each month with lessons has at least three, numbered from 1 without a gap', () => {
		for (const { month } of months) {
			const orders = lessons
				.filter(({ id }) => id.startsWith(`month-${month}/`))
				.map(({ frontmatter: data }) => lessonSchema.parse(data).order)
				.sort((a, b) => a - b);
			if (orders.length === 0) continue;
			expect(orders, `month ${month}`).toEqual(orders.map((_, index) => index + 1));
			expect(orders.length, `month ${month}`).toBeGreaterThanOrEqual(3);
		}
	});

	it('name exam domains that the curricula have, in English and in Korean alike', () => {
		for (const { month, exams: covered } of months) {
			expect(covered.filter((domain) => !domains.includes(domain))).toEqual([]);
			const korean = monthSchema.parse(frontmatter(`content/track/ko/month-${month}.md`));
			expect(korean.exams).toEqual(covered);
			expect(korean.labs.map((lab) => lab.id)).toEqual(months[month - 1]?.labs.map((lab) => lab.id));
			expect(korean.checklist.length).toBe(months[month - 1]?.checklist.length);
		}
	});

	it('promise nothing as “coming soon”', () => {
		for (const { month } of months) expect(text(`content/track/month-${month}.md`)).not.toMatch(/coming soon/i);
	});
});

describe('the exams', () => {
	it.each(exams)('$short: weights add up to 100', ({ domains: all }) => {
		expect(all.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
	});
});

describe('the glossary', () => {
	it('has each term once, and leads only to terms that it has', () => {
		expect(glossary.length).toBe(terms.size);
		expect(glossary.flatMap(({ id, see }) => see.filter((other) => !terms.has(other) || other === id).map((other) => `${id} → ${other}`))).toEqual([]);
	});
});

describe.each(lessons)('$id', ({ path, frontmatter: raw, body, id }) => {
	const data = lessonSchema.parse(raw);

	it('stands where its frontmatter says', () => {
		expect(path).toContain(`month-${data.month}/${data.order}-${id.split('/')[1]}.md`);
	});

	it('has 800 to 1,500 words', () => {
		const words = wordsOf(body);
		expect(words).toBeGreaterThanOrEqual(800);
		expect(words).toBeLessThanOrEqual(1500);
	});

	it('has one or two diagrams that everybody can read', () => {
		const diagrams = diagramsOf(body);
		expect(diagrams.length).toBeGreaterThanOrEqual(1);
		expect(diagrams.length).toBeLessThanOrEqual(2);
		for (const file of diagrams) expect(diagramFaults(readFileSync(join(dirname(path), file), 'utf8')), file).toEqual([]);
	});

	it('has commands to try, what goes wrong, and three to five questions with folded answers', () => {
		expect(body).toMatch(/^```(console|shell)$/m);
		expect(body).toMatch(/^## What goes wrong in practice$/m);
		const questions = body.split(/^## Check yourself$/m)[1] ?? '';
		const folded = [...questions.matchAll(/<details>\n<summary>(.+\?)<\/summary>\n\n([\s\S]+?)\n\n<\/details>/g)];
		expect(folded.length).toBeGreaterThanOrEqual(3);
		expect(folded.length).toBeLessThanOrEqual(5);
		expect(questions.match(/<details>/g)?.length).toBe(folded.length);
		for (const [, question, answer = ''] of folded) expect(answer.trim().length, question).toBeGreaterThan(40);
		expect(body.replace(/^```[\s\S]*?^```$/gm, '')).not.toMatch(/^# /m);
	});

	it('links its terms, and only terms that the glossary has', () => {
		const linked = new Set(termsOf(body));
		expect([...linked].filter((term) => !terms.has(term))).toEqual([]);
		expect([...linked].sort()).toEqual([...data.terms].sort());
	});

	it('leads somewhere with every link', () => {
		const links = [...body.matchAll(/\]\((?!glossary:)([^)\s]+)\)/g)].map((match) => match[1] ?? '').filter((link) => !link.endsWith('.svg'));
		expect(links.filter((link) => !link.startsWith('https://') && !leads(link))).toEqual([]);
		expect(data.labs.filter((lab) => !labs.includes(lab) && !existsSync(join(root, 'labs', lab, 'lab.yaml')))).toEqual([]);
		if (data.tryIn !== undefined) expect(existsSync(join(root, 'labs', data.tryIn, 'lab.yaml'))).toBe(true);
		expect(data.exams.filter((domain) => !domains.includes(domain))).toEqual([]);
	});

	it('says of the simulated cluster what it really answers', { timeout: 120_000 }, async () => {
		const commands = typedIn(body);
		const outputs = commands.length === 0 ? [] : await run(commands);
		const faults = commands.flatMap(({ lines, output }, index) => {
			const differs = difference(output, outputs[index] ?? '');
			return differs === undefined ? [] : [`$ ${lines[0]}: ${differs}`];
		});
		expect(faults).toEqual([]);
	});
});
