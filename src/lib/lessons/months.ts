/** Months and lessons of the content collections in the order of the track, for Astro pages. */
import { type CollectionEntry, getCollection } from 'astro:content';
import type { Language } from '../i18n/catalogue.ts';

type Month = CollectionEntry<'track'> | CollectionEntry<'trackKo'>;

export async function monthsOf(language: Language): Promise<Month[]> {
	const months: Month[] = language === 'ko' ? await getCollection('trackKo') : await getCollection('track');
	return months.sort((a, b) => a.data.month - b.data.month);
}

/** All lessons, or those of one month. */
export async function lessonsOf(month?: number): Promise<CollectionEntry<'lessons'>[]> {
	const lessons = await getCollection('lessons', ({ data }) => month === undefined || data.month === month);
	return lessons.sort((a, b) => a.data.month - b.data.month || a.data.order - b.data.order);
}

interface ExamRow {
	readonly exam: string;
	readonly title: string;
	readonly version: string;
	readonly domain: string;
	readonly weight: number;
}

/** The rows of an exam table for `exam/domain` ids. One that content/exams.yaml lacks fails the build. */
export async function examRows(ids: readonly string[]): Promise<ExamRow[]> {
	const exams = await getCollection('exams');
	return ids.map((id) => {
		const [name, wanted] = id.split('/');
		const exam = exams.find((entry) => entry.id === name);
		const domain = exam?.data.domains.find((candidate) => candidate.id === wanted);
		if (!exam || !domain) throw new Error(`content/exams.yaml has no ${id}`);
		return { exam: exam.data.short, title: exam.data.title, version: exam.data.version, domain: domain.title, weight: domain.weight };
	});
}
