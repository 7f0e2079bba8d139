import '@xterm/xterm/css/xterm.css';
import { useState } from 'react';
import { recall, remember } from '../../../lib/remember.ts';
import { useLab, useLabState } from '../context.ts';
import { type TabItem, Tabs } from '../parts/Tabs.tsx';
import { useTerminalSettings } from './settings.ts';
import { TerminalMenu } from './TerminalMenu.tsx';
import { TerminalView } from './TerminalView.tsx';

const MOST = 4;

/** The terminals, in tabs. A hidden one goes on running; closing a tab only puts it out of sight. */
export default function TerminalPane() {
	const { lab } = useLab();
	const key = `terminals.${lab.id}`;
	const [ids, setIds] = useState<readonly string[]>(() => kept(recall(key)));
	const [active, setActive] = useState(ids[0] ?? 't1');
	const [settings, change] = useTerminalSettings();
	const connected = useLabState((state) => state.connection.state === 'open');
	const update = (next: readonly string[], front: string) => {
		setIds(next);
		setActive(front);
		remember(key, JSON.stringify(next));
	};
	const add = () => {
		const free = freeId(ids);
		if (free) update([...ids, free], free);
	};
	const close = () => {
		const rest = ids.filter((id) => id !== active);
		update(rest, rest[0] ?? 't1');
	};
	const items: TabItem[] = ids.map((id) => ({
		id,
		label: `Terminal ${id.slice(1)}`,
		panel: <TerminalView id={id} visible={id === active} settings={settings} />,
	}));
	const extra = (
		<div className="pane-tools">
			<span className="key-note" id="leave-note">
				<kbd>F6</kbd> leaves the terminal
			</span>
			<button type="button" className="button plain tiny" onClick={add} disabled={ids.length >= MOST} aria-label="New terminal">
				+
			</button>
			{ids.length > 1 && (
				<button type="button" className="button plain tiny" onClick={close} aria-label={`Put terminal ${active.slice(1)} away; it goes on running`}>
					✕
				</button>
			)}
			<TerminalMenu settings={settings} onChange={change} />
		</div>
	);
	return (
		<section className={connected ? 'terminals' : 'terminals away'} aria-label="Terminal" aria-describedby="leave-note" data-pane="terminal" tabIndex={-1}>
			<Tabs label="Terminals" items={items} active={active} onSelect={setActive} extra={extra} className="fill" />
		</section>
	);
}

const freeId = (ids: readonly string[]): string | undefined => Array.from({ length: MOST }, (_, index) => `t${index + 1}`).find((id) => !ids.includes(id));

function kept(text: string | undefined): readonly string[] {
	try {
		const ids: unknown = JSON.parse(text ?? '[]');
		const known = Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string' && /^t[1-4]$/.test(id)) : [];
		return known.length > 0 ? [...new Set(known)] : ['t1'];
	} catch {
		return ['t1'];
	}
}
