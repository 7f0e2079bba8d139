/** The list of documents: what there is, a new one from a template, or one read from a Markdown file. */
import { type DocumentKind, KIND_SHAPES } from '../../../server/protocol/document-kinds.ts';
import type { DocumentSummary, WrittenDocument } from '../../../server/protocol/documents.ts';
import { ApiError } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { wordsOf } from '../i18n/words-of.ts';
import { listDocuments, makeDocument, removeDocument } from './calls.ts';

const t = wordsOf('writing');

const address = (id: string): string => `/portfolio/write/edit/?d=${encodeURIComponent(id)}`;
const problem = (error: unknown): void =>
	fill(byId('write-state'), h('p', { class: 'notice warn', role: 'alert' }, error instanceof ApiError ? `${error.message} ${error.next}` : String(error)));
const open = ({ id }: WrittenDocument): void => location.assign(address(id));

function show(documents: readonly DocumentSummary[]): void {
	fill(byId('documents'), documents.length === 0 ? h('p', { class: 'notice' }, t.nothing) : h('ul', { class: 'document-list' }, ...documents.map(row)));
}

function row({ id, kind, title, words, updatedAt, attached }: DocumentSummary): HTMLElement {
	const name = title || fillIn(t.untitled, { kind: KIND_SHAPES[kind].title.toLowerCase() });
	const remove = h('button', { class: 'button plain tiny', type: 'button', 'aria-label': fillIn(t.removeOne, { name }) }, t.remove);
	let asked = false;
	remove.addEventListener('click', () => {
		if (!asked) {
			asked = true;
			remove.textContent = t.removeSure;
			remove.setAttribute('aria-label', fillIn(t.removeOneSure, { name }));
			return;
		}
		removeDocument(id).then(load, problem);
	});
	return h(
		'li',
		{ class: 'card document' },
		h(
			'div',
			{},
			h('a', { class: 'title', href: address(id) }, name),
			h(
				'p',
				{ class: 'small quiet' },
				fillIn(t.line, {
					kind: KIND_SHAPES[kind].title,
					words,
					when: new Date(updatedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
				}),
			),
		),
		attached.length > 0 && h('span', { class: 'badge accent' }, t.inPortfolio),
		remove,
	);
}

const load = (): Promise<void> => listDocuments().then(show, problem);

for (const button of document.querySelectorAll<HTMLElement>('[data-new]'))
	button.addEventListener('click', () => {
		makeDocument({ kind: button.dataset['new'] as DocumentKind }).then(open, problem);
	});
const file = byId('import');
if (file instanceof HTMLInputElement)
	file.addEventListener('change', () => {
		const chosen = file.files?.[0];
		if (chosen === undefined) return;
		chosen
			.text()
			.then((markdown) => makeDocument({ markdown }))
			.then(open, problem)
			.finally(() => {
				file.value = '';
			});
	});
void load();
