import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { catalogueSchema, LANGUAGES } from './catalogue.ts';

const read = (language: string) => catalogueSchema.parse(parse(readFileSync(`content/ui/${language}.yaml`, 'utf8')));

/** Every text with the path to it: `track.lead`, `steps.0.title`. */
function texts(value: unknown, path = ''): [string, string][] {
	if (typeof value === 'string') return [[path, value]];
	return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => texts(inner, path === '' ? key : `${path}.${key}`));
}

function sources(folder: string): string {
	return readdirSync(folder, { withFileTypes: true })
		.map((entry) =>
			entry.isDirectory()
				? sources(join(folder, entry.name))
				: /(?<!\.test)\.(astro|tsx?)$/.test(entry.name)
					? readFileSync(join(folder, entry.name), 'utf8')
					: '',
		)
		.join('\n');
}

describe.each(LANGUAGES.filter((language) => language !== 'en'))('the words in %s', (language) => {
	const own = texts(read(language));
	const english = new Map(texts(read('en')));

	it('keep the same places for values as the English ones', () => {
		const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
		expect(own.filter(([path, text]) => String(places(text)) !== String(places(english.get(path) ?? ''))).map(([path]) => path)).toEqual([]);
	});

	it('are translated', () => {
		expect(own.filter(([path, text]) => path !== 'name' && text === english.get(path)).map(([path]) => path)).toEqual([]);
	});
});

describe('the catalogue', () => {
	it('has no word that nothing says', () => {
		const text = sources('src').replace(/words\([^)]*\)/g, '');
		const unused = texts(read('en'))
			.map(([path]) => path.split('.').at(-1) ?? '')
			.filter((key) => !new RegExp(`\\.${key}\\b|[{,]\\s*${key}\\b|'${key}'`).test(text));
		expect(unused).toEqual([]);
	});

	it('refuses a language that lacks a word or has one too many', () => {
		const catalogue = read('en');
		const { skip: _, ...site } = catalogue.site;
		expect(catalogueSchema.safeParse({ ...catalogue, site }).success).toBe(false);
		expect(catalogueSchema.safeParse({ ...catalogue, site: { ...catalogue.site, more: 'x' } }).success).toBe(false);
	});
});
