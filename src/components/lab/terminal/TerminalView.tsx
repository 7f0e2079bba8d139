import { useEffect, useRef, useState } from 'react';
import { useLab } from '../context.ts';
import type { TerminalSettings } from './settings.ts';
import { TerminalSearch } from './TerminalSearch.tsx';
import { type LabTerminal, openTerminal } from './xterm.ts';
import { t } from '../page-words.ts';

interface Props {
	readonly id: string;
	readonly visible: boolean;
	readonly settings: TerminalSettings;
}

/** One terminal of the lab on the page. */
export function TerminalView({ id, visible, settings }: Props) {
	const { client } = useLab();
	const host = useRef<HTMLDivElement>(null);
	const made = useRef<LabTerminal | undefined>(undefined);
	const now = useRef(settings);
	now.current = settings;
	const [searching, setSearching] = useState(false);
	const [closed, setClosed] = useState<string | undefined>();

	useEffect(() => {
		if (!host.current) return;
		const { fontSize, screenReader } = now.current;
		const terminal = openTerminal({
			client,
			id,
			host: host.current,
			fontSize,
			screenReader,
			copyOnSelect: () => now.current.copyOnSelect,
			onSearch: () => setSearching(true),
			onClosed: setClosed,
			onOpened: () => setClosed(undefined),
		});
		made.current = terminal;
		return () => {
			made.current = undefined;
			terminal.dispose();
		};
	}, [client, id]);

	useEffect(() => {
		const terminal = made.current;
		if (!terminal) return;
		terminal.terminal.options.fontSize = settings.fontSize;
		terminal.terminal.options.screenReaderMode = settings.screenReader;
		if (visible) terminal.fit();
	}, [settings.fontSize, settings.screenReader, visible]);

	const reopen = () => {
		const { cols, rows } = made.current?.terminal ?? { cols: 80, rows: 24 };
		client.send({ type: 'terminal.open', terminal: id, columns: cols, rows });
		made.current?.terminal.focus();
	};
	const endSearch = () => {
		setSearching(false);
		made.current?.search.clearDecorations();
		made.current?.terminal.focus();
	};
	return (
		<div className="terminal">
			{searching && <TerminalSearch search={() => made.current?.search} onClose={endSearch} />}
			<div className="terminal-host" ref={host} data-terminal={id} />
			{closed !== undefined && (
				<div className="terminal-ended notice" role="status">
					<span>
						{t.thisTerminalHas}
						{closed === '' ? '' : `: ${closed}`}.
					</span>
					<button type="button" className="button tiny" onClick={reopen}>
						{t.openItAgain}
					</button>
				</div>
			)}
		</div>
	);
}
