import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DocumentKind } from '../protocol/document-kinds.ts';
import { documentContentSchema } from '../protocol/documents.ts';
import { fromMarkdown, toMarkdown } from './markdown.ts';
import { blankDocument } from './templates.ts';
import { excellentMemo } from './testing/memos.ts';
import { excellent } from './testing/postmortems.ts';
import { excellentRfc } from './testing/rfc.ts';

describe('documents as Markdown', () => {
	it.each([
		['postmortem', excellent],
		['decision-memo', excellentMemo],
		['rfc', excellentRfc],
	] as const)('a %s reads back as it was written', (kind, content) => {
		expect(fromMarkdown(toMarkdown({ kind, content }))).toEqual({ kind, content, unknown: [] });
	});

	it('keeps whatever a text or a cell holds', () => {
		const awkward = fc.stringMatching(/^[a-z#|\\`~ \n-]{0,60}$/);
		fc.assert(
			fc.property(awkward, awkward, (text, cell) => {
				const content = { ...excellent, texts: { ...excellent.texts, cause: text }, timeline: [{ at: '', what: cell, type: 'start' as const, source: 'x' }] };
				const back = fromMarkdown(toMarkdown({ kind: 'postmortem', content })).content;
				const fences = (text.trim().match(/^(`{3,}|~{3,})/gm) ?? []).length;
				// A fence left open is closed; everything else stays.
				if (fences === 0) expect(back.texts['cause'] ?? '').toBe(text.trim());
				expect(back.texts['trigger']).toBe(excellent.texts['trigger']);
				expect(back.timeline[0]?.what.replace(/\s*\n\s*/g, '\n')).toBe(cell.trim().replace(/\s*\n\s*/g, '\n'));
			}),
			{ numRuns: 500 },
		);
	});

	it('reads texts from elsewhere by their headings, and names what has no place', () => {
		const { kind, content, unknown } = fromMarkdown(
			'# Search was down\r\n\r\n## Root Causes\r\n\r\nA limit.\r\n\r\n## Five whys\r\n\r\nWhy?\r\n\r\n## Action items\r\n\r\n| Action | Owner | Type |\r\n|---|---|---|\r\n| Add an alert | Ada | Detect |\r\n',
		);
		expect([kind, content.title, unknown]).toEqual(['postmortem', 'Search was down', ['Five whys']]);
		expect(content.texts['cause']).toBe('A limit.\n\n### Five whys\n\nWhy?');
		expect(content.actions).toEqual([{ what: 'Add an alert', owner: 'Ada', type: 'detect', due: '', verify: '' }]);
	});

	it('makes a valid document of any text', () => {
		fc.assert(
			fc.property(
				fc.string({ maxLength: 400, unit: fc.constantFrom('#', ' ', '\n', '|', '-', 'a', '`', '\\', ':') }),
				(text) => documentContentSchema.safeParse(fromMarkdown(text).content).success,
			),
		);
	});

	it.each(['postmortem', 'decision-memo', 'rfc'] as DocumentKind[])('starts a %s with valid, empty rows', (kind) => {
		expect(documentContentSchema.safeParse(blankDocument(kind)).success).toBe(true);
		expect(fromMarkdown(toMarkdown({ kind, content: blankDocument(kind) })).kind).toBe(kind);
	});
});
