/** Every page as it is built, held against HTML's own rules. What a browser makes of broken markup differs; sound markup it shows as meant. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HtmlValidate } from 'html-validate';
import { beforeAll, expect, it } from 'vitest';
import { buildSite, DIST } from './browser.ts';

const validator = new HtmlValidate({
	extends: ['html-validate:recommended', 'html-validate:document'],
	rules: {
		// All scripts and styles are this server's own, named by their content.
		'require-sri': 'off',
		// White space between tags is the build's business.
		'no-trailing-whitespace': 'off',
		// Boxes of one question share a name as radio buttons do.
		'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'button', 'reset', 'submit'] }],
		// Forms that reckon while one types have nothing to submit.
		'wcag/h32': 'off',
		// A field without a type is a text field, says the standard.
		'no-implicit-input-type': 'off',
		// A dialog begins below the page's heading; that each page has one, axe sees to.
		'heading-level': ['error', { minInitialRank: 'h2', sectioningRoots: [] }],
		// A lesson's name, its month and ours.
		'long-title': ['error', { maxlength: 100 }],
	},
});

beforeAll(() => buildSite());

it('is sound HTML on every page', async () => {
	const pages = (await readdir(DIST, { recursive: true })).filter((path) => path.endsWith('.html'));
	expect(pages.length).toBeGreaterThan(20);
	const faults: string[] = [];
	for (const page of pages) {
		const { results } = await validator.validateString(await readFile(join(DIST, page), 'utf8'), page);
		faults.push(...results.flatMap(({ messages }) => messages.map((m) => `${page}:${m.line}:${m.column} ${m.ruleId}: ${m.message} (${m.selector ?? ''})`)));
	}
	expect(faults).toEqual([]);
});

it('finds what is wrong, so that its silence means something', async () => {
	const { valid } = await validator.validateString('<!DOCTYPE html><html lang="en"><head><title>t</title></head><body><ul><p>no</p></ul></body></html>');
	expect(valid).toBe(false);
});
