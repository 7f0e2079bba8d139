/** The portfolio as JSON Resume 1.0.0 (https://jsonresume.org/schema): labs as certificates, the rest as projects and publications. */
import type { Contents, Entry } from './contents.ts';
import { entryStandings } from './contents.ts';
import { filled, WORDS } from './words.ts';

const SCHEMA = 'https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json';
const day = (at: string): string => at.slice(0, 10);
/** How an entry came about, in words. */
const how = (entry: Entry): string =>
	entryStandings(entry)
		.map((one) => WORDS[one])
		.join(', ');

/** `at`: ISO time of the export. */
export function resume(contents: Contents, at: string): Record<string, unknown> {
	const entries = contents.groups.flatMap(({ deliverable, entries: own }) => own.map((entry) => ({ deliverable, entry })));
	const only = <K extends Entry['is']>(is: K): { readonly title: string; readonly entry: Extract<Entry, { is: K }> }[] =>
		entries.flatMap(({ deliverable, entry }) => (entry.is === is ? [{ title: deliverable.title, entry: entry as Extract<Entry, { is: K }> }] : []));
	return {
		$schema: SCHEMA,
		basics: { name: contents.name, label: WORDS.label, summary: WORDS.resumeSummary },
		certificates: only('attempt').map(({ entry: { lab, evidence } }) => ({
			name: `${lab.title} (${evidence.score} of 100 points)`,
			date: day(evidence.at),
			issuer: evidence.kind === 'mentor-confirmed' ? WORDS.issuerConfirmed : WORDS.issuer,
		})),
		publications: only('document').map(({ title, entry, entry: { writing } }) => ({
			name: writing.title,
			publisher: `${title}, ${how(entry)}`,
			releaseDate: day(writing.at),
		})),
		volunteer: only('reviews').map(({ entry: { mentoring } }) => ({
			organization: 'Foothold',
			position: WORDS.reviewsTitle,
			startDate: day(mentoring.since),
			endDate: day(mentoring.at),
			summary: filled(WORDS.reviewsGiven, { ...mentoring, since: day(mentoring.since), at: day(mentoring.at) }),
		})),
		projects: only('link').map(({ title, entry, entry: { declared } }) => ({
			name: declared.title,
			description: declared.claim,
			endDate: declared.on,
			url: declared.url,
			entity: title,
			type: `${declared.kind}, ${how(entry)}`,
		})),
		skills: contents.attempts.map(({ lab }) => ({ name: lab.title, keywords: lab.objectives })),
		meta: { version: 'v1.0.0', lastModified: at },
	};
}
