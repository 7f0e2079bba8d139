import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { Documents } from './documents.ts';

interface Props {
	readonly documents: Documents;
	readonly path: string;
	/** Changes when a text was replaced from outside. */
	readonly version: number;
}

/** The text in front. One view for all files: switching a tab switches its state. */
export function CodeView({ documents, path, version }: Props) {
	const host = useRef<HTMLDivElement>(null);
	const view = useRef<EditorView | undefined>(undefined);
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
		const state = documents.state(path);
		if (state) view.current?.setState(state);
	}, [documents, path, version]);
	return <div className="code-view" ref={host} />;
}
