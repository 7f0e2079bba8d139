/** Words and addresses of a page's language, for Astro pages at build time. */
import { getEntry } from 'astro:content';
import type { AssessWords, Catalogue, ReviewWords, Language, MarketWords, AccountWords, PlanWords, PortfolioWords, WritingWords } from './catalogue.ts';

export async function catalogue(language: Language): Promise<Catalogue> {
	const entry = await getEntry('ui', language);
	if (!entry) throw new Error(`content/ui/${language}.yaml is missing`);
	return entry.data;
}

/** Where a page that exists in every language lies: English at the root, the others below their code. */
export const at = (language: Language, path: string): string => (language === 'en' ? path : `/${language}${path}`);

type EnglishPart = 'help' | 'glossary' | 'notFound' | 'labs' | 'rubric';

/** Words of pages that are in English alone so far. */
export const planWords = async (): Promise<PlanWords> => there((await catalogue('en')).plan, 'plan');
export const portfolioWords = async (): Promise<PortfolioWords> => there((await catalogue('en')).portfolio, 'portfolio');
export const accountWords = async (): Promise<AccountWords> => there((await catalogue('en')).account, 'account');
export const marketWords = async (): Promise<MarketWords> => there((await catalogue('en')).market, 'market');
export const writingWords = async (): Promise<WritingWords> => there((await catalogue('en')).writing, 'writing');
export const reviewWords = async (): Promise<ReviewWords> => there((await catalogue('en')).review, 'review');
/** Any other part of the catalogue that pages in English alone have. */
export const partWords = async <P extends EnglishPart>(part: P): Promise<NonNullable<Catalogue[P]>> =>
	there((await catalogue('en'))[part], part) as NonNullable<Catalogue[P]>;
export const assessWords = async (): Promise<AssessWords> => there((await catalogue('en')).assess, 'assess');

function there<T>(words: T | undefined, part: string): T {
	if (words === undefined) throw new Error(`content/ui/en.yaml has no ${part}`);
	return words;
}
