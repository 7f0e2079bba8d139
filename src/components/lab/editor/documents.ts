/** The text of open files: one CodeMirror state a file, so that each keeps its own undo history and place. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { SchemaClient } from '../../../lib/schema/client.ts';
import { completions, schemaHelp } from './schema-help.ts';

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
	'.cm-tooltip': { backgroundColor: 'var(--surface)', borderColor: 'var(--line-strong)', color: 'var(--ink)' },
	'.cm-diagnostic-error': { borderLeftColor: 'var(--fail)' },
	'.cm-foldPlaceholder': { backgroundColor: 'var(--sunk)', borderColor: 'var(--line)', color: 'var(--ink-2)' },
});

interface Opened {
	state: EditorState;
	saved: Text;
}

export interface DocumentEvents {
	/** Called on every change of text with whether it differs from what is saved. */
	onDirty(path: string, dirty: boolean): void;
	onSave(path: string): void;
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

	private extensions(path: string): Extension[] {
		const isYaml = /\.ya?ml$/i.test(path);
		return [
			keymap.of([{ key: 'Mod-s', preventDefault: true, run: () => this.save(path) }]),
			lineNumbers(),
			highlightActiveLineGutter(),
			foldGutter(),
			history(),
			drawSelection(),
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
			EditorView.contentAttributes.of({ 'aria-label': `Text of ${path}` }),
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
