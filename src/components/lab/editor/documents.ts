/** The text of open files: one CodeMirror state a file, so that each keeps its own undo history and place. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyField, isolateHistory, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { SchemaClient } from '../../../lib/schema/client.ts';
import { completions, schemaHelp } from './schema-help.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

const colours = HighlightStyle.define([
	{ tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent-strong)' },
	{ tag: [tags.string, tags.special(tags.string)], color: 'var(--pass)' },
	{ tag: [tags.number, tags.bool, tags.null, tags.atom, tags.keyword], color: 'var(--warn)' },
	{ tag: tags.comment, color: 'var(--ink-2)', fontStyle: 'italic' },
	{ tag: [tags.meta, tags.labelName, tags.typeName], color: 'var(--accent)' },
	{ tag: tags.invalid, color: 'var(--fail)' },
]);

const look = EditorView.theme({
	'&': { height: '100%', fontSize: '0.875rem', backgroundColor: 'var(--surface)', color: 'var(--ink)' },
	'&.cm-focused': { outline: 'none' },
	'.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
	'.cm-content': { caretColor: 'var(--accent)' },
	'.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
	'.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--ink-2)', border: 'none', paddingLeft: '4px' },
	'.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)' },
	'.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
		backgroundColor: 'color-mix(in srgb, var(--accent) 26%, transparent)',
	},
	'.cm-searchMatch': { backgroundColor: 'var(--warn-soft)', outline: '1px solid var(--warn)' },
	'.cm-panels': { backgroundColor: 'var(--sunk)', color: 'var(--ink)', borderColor: 'var(--line)' },
	'.cm-tooltip': {
		backgroundColor: 'var(--surface)',
		border: '1px solid var(--line-strong)',
		borderRadius: 'var(--radius-s)',
		color: 'var(--ink)',
		maxWidth: 'min(40rem, 92vw)',
	},
	'.cm-tooltip.cm-completionInfo': { padding: '6px 10px', fontSize: 'var(--t-xs)', maxHeight: '14rem', overflow: 'auto' },
	'.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '14rem' },
	'.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
	'.cm-completionDetail': { color: 'inherit', opacity: '0.85', fontStyle: 'normal' },
	'.cm-diagnostic-error': { borderLeftColor: 'var(--fail)' },
	'.cm-foldPlaceholder': { backgroundColor: 'var(--sunk)', borderColor: 'var(--line)', color: 'var(--ink-2)' },
});

/** The one change that makes `after` of `before`, as small as their common ends allow: the cursor then stays where it was. */
function between(before: string, after: string): { readonly from: number; readonly to: number; readonly insert: string } {
	const most = Math.min(before.length, after.length);
	let from = 0;
	while (from < most && before[from] === after[from]) from++;
	let tail = 0;
	while (tail < most - from && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
	return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) };
}

interface Opened {
	state: EditorState;
	saved: Text;
}

export interface DocumentEvents {
	/** Called on every change of text with whether it differs from what is saved. */
	onDirty(path: string, dirty: boolean): void;
	onSave(path: string): void;
	onApply(path: string): void;
}

export class Documents {
	private readonly opened = new Map<string, Opened>();
	private readonly events: DocumentEvents;

	private readonly schemas: SchemaClient;

	constructor(schemas: SchemaClient, events: DocumentEvents) {
		this.schemas = schemas;
		this.events = events;
	}

	put(path: string, content: string): void {
		const state = EditorState.create({ doc: content, extensions: this.extensions(path) });
		this.opened.set(path, { state, saved: state.doc });
	}

	/** Puts another text in a file's place; undo leads back. `saved`: it is what the file holds. */
	replace(path: string, content: string, saved: boolean): void {
		const opened = this.opened.get(path);
		if (!opened) {
			this.put(path, content);
			return;
		}
		const { state } = opened;
		const next = state.toText(content);
		opened.state = state.update({ changes: between(state.doc.toString(), next.toString()), annotations: isolateHistory.of('full') }).state;
		if (saved) opened.saved = opened.state.doc;
	}

	/** The file has another name now: its text, history and place go along. */
	move(path: string, to: string): void {
		const opened = this.opened.get(path);
		if (!opened) return;
		this.opened.delete(path);
		const fields = { history: historyField };
		const state = EditorState.fromJSON(opened.state.toJSON(fields), { extensions: this.extensions(to) }, fields);
		this.opened.set(to, { state, saved: opened.saved });
	}

	state(path: string): EditorState | undefined {
		return this.opened.get(path)?.state;
	}

	text(path: string): string | undefined {
		return this.state(path)?.doc.toString();
	}

	/** Declares `content` saved; returns whether the text has moved on since. */
	markSaved(path: string, content: string): boolean {
		const opened = this.opened.get(path);
		if (!opened) return false;
		opened.saved = opened.state.toText(content);
		return !opened.state.doc.eq(opened.saved);
	}

	drop(path: string): void {
		this.opened.delete(path);
	}

	private save(path: string): boolean {
		this.events.onSave(path);
		return true;
	}

	private apply(path: string): boolean {
		this.events.onApply(path);
		return true;
	}

	private extensions(path: string): Extension[] {
		const isYaml = /\.ya?ml$/i.test(path);
		return [
			keymap.of([
				{ key: 'Mod-s', preventDefault: true, run: () => this.save(path) },
				...(isYaml ? [{ key: 'Mod-Enter', preventDefault: true, run: () => this.apply(path) }] : []),
			]),
			lineNumbers(),
			highlightActiveLineGutter(),
			foldGutter(),
			history(),
			drawSelection(matchMedia('(prefers-reduced-motion: reduce)').matches ? { cursorBlinkRate: 0 } : {}),
			indentOnInput(),
			indentUnit.of('  '),
			bracketMatching(),
			closeBrackets(),
			autocompletion(isYaml ? { override: [completions(this.schemas)] } : {}),
			highlightActiveLine(),
			highlightSelectionMatches(),
			search({ top: true }),
			syntaxHighlighting(colours, { fallback: true }),
			keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, indentWithTab]),
			EditorView.contentAttributes.of({ 'aria-label': fillIn(t.textOf, { path }), 'aria-describedby': 'editor-leave' }),
			EditorView.updateListener.of((update) => {
				const opened = this.opened.get(path);
				if (!opened) return;
				opened.state = update.state;
				if (update.docChanged) this.events.onDirty(path, !update.state.doc.eq(opened.saved));
			}),
			look,
			...(isYaml ? [yaml(), schemaHelp(this.schemas)] : []),
		];
	}
}
