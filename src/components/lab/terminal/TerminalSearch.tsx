import type { ISearchOptions, SearchAddon } from '@xterm/addon-search';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

const OPTIONS: ISearchOptions = {
	decorations: { matchBackground: '#855000', activeMatchBackground: '#0b5f6a', matchOverviewRuler: '#855000', activeMatchColorOverviewRuler: '#0b5f6a' },
};

/** Finds text in a terminal's scrollback: Enter goes up, Shift+Enter down, Escape back to the prompt. */
export function TerminalSearch({ search, onClose }: { readonly search: () => SearchAddon | undefined; readonly onClose: () => void }) {
	const input = useRef<HTMLInputElement>(null);
	const [text, setText] = useState('');
	const [found, setFound] = useState('');
	useEffect(() => {
		input.current?.focus();
		const results = search()?.onDidChangeResults(({ resultIndex, resultCount }) =>
			setFound(resultCount === 0 ? t.notFound : fillIn(t.matchOf, { resultIndex: resultIndex + 1, resultCount })),
		);
		return () => results?.dispose();
	}, [search]);
	const look = (term: string, forward: boolean) => {
		if (term === '') return setFound('');
		if (forward) search()?.findNext(term, OPTIONS);
		else search()?.findPrevious(term, OPTIONS);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key === 'Enter') look(text, event.shiftKey);
		else if (event.key === 'Escape') onClose();
	};
	return (
		<search className="terminal-search">
			<input
				ref={input}
				className="field"
				aria-label={t.findInThe}
				placeholder={t.find}
				value={text}
				onChange={(event) => {
					setText(event.target.value);
					look(event.target.value, false);
				}}
				onKeyDown={onKeyDown}
			/>
			<span className="tiny quiet" aria-live="polite">
				{found}
			</span>
			<button type="button" className="button plain tiny" onClick={() => look(text, false)} aria-label={t.previousMatch}>
				↑
			</button>
			<button type="button" className="button plain tiny" onClick={() => look(text, true)} aria-label={t.nextMatch}>
				↓
			</button>
			<button type="button" className="button plain tiny" onClick={onClose} aria-label={t.closeTheSearch}>
				✕
			</button>
		</search>
	);
}
