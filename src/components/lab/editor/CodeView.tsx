import type { StateEffect } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { Documents } from './documents.ts';

interface Props {
	readonly documents: Documents;
	readonly path: string;
	/** Changes when a text was replaced from outside. */
	readonly version: number;
}

/** The text in front. One view for all files: switching a tab switches its state, and each keeps its place. */
export function CodeView({ documents, path, version }: Props) {
	const host = useRef<HTMLDivElement>(null);
	const view = useRef<EditorView | undefined>(undefined);
	const places = useRef(new Map<string, StateEffect<unknown>>());
	useEffect(() => {
		if (!host.current) return;
		const made = new EditorView({ parent: host.current });
		view.current = made;
		return () => {
			view.current = undefined;
			made.destroy();
		};
	}, []);
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new version is the news that the state was replaced
	useEffect(() => {
		const shown = view.current;
		const state = documents.state(path);
		if (!shown || !state) return;
		shown.setState(state);
		const place = places.current.get(path);
		if (place) shown.dispatch({ effects: place });
		const kept = places.current;
		return () => {
			kept.set(path, shown.scrollSnapshot());
		};
	}, [documents, path, version]);
	return <div className="code-view" ref={host} />;
}
