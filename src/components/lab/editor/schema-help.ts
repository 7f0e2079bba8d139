/** Completion, findings and explanations in CodeMirror, from the cluster's schemas; all of it is worked out in the schema worker. */
import { type Completion, type CompletionContext, type CompletionResult, startCompletion } from '@codemirror/autocomplete';
import { type Diagnostic, lintGutter, linter } from '@codemirror/lint';
import { type Extension, StateEffect } from '@codemirror/state';
import { EditorView, hoverTooltip, ViewPlugin } from '@codemirror/view';
import type { SchemaClient } from '../../../lib/schema/client.ts';
import type { Meaning, Offer } from '../../../lib/schema/complete.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { wordsOf } from '../../../lib/i18n/words-of.ts';
import { t } from '../page-words.ts';

const yaml = wordsOf('yaml');

/** ms of quiet before a text is checked. */
const CHECK_AFTER_MS = 400;

/** Completion, for `autocompletion({ override })`. */
export const completions =
	(schemas: SchemaClient) =>
	async (context: CompletionContext): Promise<CompletionResult | null> => {
		const line = context.state.doc.lineAt(context.pos);
		const typed = line.text.slice(0, context.pos - line.from);
		// Unasked only where a word has begun or a value is due.
		if (!context.explicit && !/([\w/.-]|[:[] ?|- )$/.test(typed)) return null;
		const found = await schemas.ask('offers', { text: context.state.doc.toString(), offset: context.pos });
		if (!found || context.aborted) return null;
		return { from: found.from, options: found.offers.map(completion), validFor: /^[\w./-]*$/ };
	};

function completion({ label, insert, detail, info: given, says, required }: Offer): Completion {
	const info = says === undefined ? given : yaml[says];
	return {
		label,
		detail: required ? fillIn(t.required, { detail }) : detail,
		boost: required ? 10 : 0,
		type: detail === 'value' ? 'enum' : 'property',
		...(info === '' ? {} : { info }),
		apply: (view, _completion, from, to) => {
			// What stands behind the word already need not be put in again.
			const rest = view.state.sliceDoc(to, view.state.doc.lineAt(to).to);
			const text = /^\s*:/.test(rest) ? label : insert;
			view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: 'input.complete' });
			if (text.endsWith(': ') || text.endsWith(' ')) startCompletion(view);
		},
	};
}

function tooltip({ title, text, required }: Meaning): HTMLElement {
	const box = document.createElement('div');
	box.className = 'field-help';
	const head = document.createElement('p');
	const name = document.createElement('code');
	name.textContent = title;
	head.append(name, required ? ` · ${t.isRequired}` : '');
	const body = document.createElement('p');
	body.textContent = text === '' ? t.theClustersSchema : text;
	box.append(head, body);
	return box;
}

const hover = (schemas: SchemaClient): Extension =>
	hoverTooltip(async (view, pos) => {
		const found = await schemas.ask('meaning', { text: view.state.doc.toString(), offset: pos });
		return found ? { pos: found.from, end: found.to, above: true, create: () => ({ dom: tooltip(found) }) } : null;
	});

async function findings(schemas: SchemaClient, view: EditorView): Promise<readonly Diagnostic[]> {
	const text = view.state.doc.toString();
	const found = await schemas.ask('check', { text });
	// The text has moved on: what comes next will say.
	if (view.state.doc.toString() !== text) return [];
	return found.map(({ from, to, severity, says, values }) => ({ from, to, severity, message: fillIn(yaml[says], values) }));
}

/** The cluster serves other kinds: findings are out of date though the text is the same. */
const servesOthers = StateEffect.define<null>();

/** Looks whether the cluster serves other kinds whenever the editor is come back to, and checks again where it does. */
const followCluster = (schemas: SchemaClient): Extension => [
	EditorView.domEventHandlers({ focus: () => schemas.refresh() }),
	ViewPlugin.define((view) => ({
		destroy: schemas.onChange(() => view.dispatch({ effects: servesOthers.of(null) })),
	})),
];

export const schemaHelp = (schemas: SchemaClient): Extension => [
	lintGutter(),
	linter((view) => findings(schemas, view), {
		delay: CHECK_AFTER_MS,
		needsRefresh: (update) => update.transactions.some((transaction) => transaction.effects.some((effect) => effect.is(servesOthers))),
	}),
	hover(schemas),
	followCluster(schemas),
];
