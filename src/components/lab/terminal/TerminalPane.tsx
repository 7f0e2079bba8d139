import '@xterm/xterm/css/xterm.css';
import { type KeyboardEvent, useState } from 'react';
import type { Program } from '../../../../server/protocol/messages.ts';
import { LabFault } from '../../../lib/lab-client.ts';
import { recall, remember } from '../../../lib/remember.ts';
import { added, brought, layoutFrom, MOST_TERMINALS, moved, split, type TerminalLayout, type TerminalTab, without } from '../../../lib/terminal-layout.ts';
import { useLab, useLabState } from '../context.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Split } from '../parts/Split.tsx';
import { type TabItem, Tabs } from '../parts/Tabs.tsx';
import { useTerminalSettings } from './settings.ts';
import { TerminalMenu } from './TerminalMenu.tsx';
import { TerminalView } from './TerminalView.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

const numberOf = (id: string): string => id.slice(1);

/** The terminals: tabs, each with one or two of them. A hidden one goes on running; closing one ends it, and asks first where something runs. */
export default function TerminalPane() {
	const { lab, client } = useLab();
	const key = `terminals.${lab.id}`;
	const [layout, setLayout] = useState(() => layoutFrom(recall(key)));
	const [settings, change] = useTerminalSettings();
	const [asking, setAsking] = useState<{ readonly id: string; readonly programs: readonly Program[] } | undefined>();
	const [said, setSaid] = useState('');
	const connected = useLabState((state) => state.connection.state === 'open');

	const update = (next: TerminalLayout | undefined, focus = true) => {
		if (next === undefined) {
			setSaid(fillIn(t.terminalsAreThe, { most: MOST_TERMINALS }));
			return;
		}
		setSaid('');
		setLayout(next);
		remember(key, JSON.stringify(next.tabs));
		if (focus) focusOn(next.focus);
	};
	const end = async (id: string) => {
		try {
			await client.request({ type: 'terminal.close', terminal: id });
			update(without(layout, id));
			setSaid(fillIn(t.terminalIsClosed, { id: numberOf(id) }));
		} catch (error) {
			setSaid(wordsOf(error));
		}
	};
	const close = async (id: string) => {
		try {
			const answer = await client.request({ type: 'terminal.programs' });
			const programs = answer.type === 'programs' ? answer.programs.filter((program) => program.terminal === id) : [];
			if (programs.length > 0) setAsking({ id, programs });
			else await end(id);
		} catch (error) {
			setSaid(wordsOf(error));
		}
	};
	const keys = new Map<string, () => void>([
		['Enter', () => update(added(layout))],
		['Backslash', () => update(split(layout, 'row'))],
		['Minus', () => update(split(layout, 'column'))],
		['KeyW', () => void close(layout.focus)],
		['ArrowRight', () => update(moved(layout, 1))],
		['ArrowLeft', () => update(moved(layout, -1))],
	]);
	const onKeyDown = (event: KeyboardEvent) => {
		const action = event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey ? keys.get(event.code) : undefined;
		if (action === undefined) return;
		event.preventDefault();
		event.stopPropagation();
		action();
	};
	const view = (id: string, visible: boolean) => (
		<div className="terminal-place" onFocusCapture={() => layout.focus !== id && setLayout({ ...layout, focus: id })}>
			<TerminalView key={id} id={id} visible={visible} settings={settings} />
		</div>
	);
	const items: TabItem[] = layout.tabs.map((tab, at) => ({ id: tabId(tab), label: labelOf(tab), panel: panelOf(tab, at === layout.front, view) }));
	const extra = (
		<div className="pane-tools">
			<span className="key-note" id="leave-note">
				<kbd>F6</kbd> {t.leavesTheTerminal}
			</span>
			<button type="button" className="button plain tiny" onClick={() => update(added(layout))} aria-label={t.newTerminal} title={t.newTerminalAlt}>
				+
			</button>
			<button type="button" className="button plain tiny" onClick={() => update(split(layout, 'row'))} aria-label={t.splitSideBy} title={t.splitSideBySide}>
				◫
			</button>
			<button
				type="button"
				className="button plain tiny"
				onClick={() => update(split(layout, 'column'))}
				aria-label={t.splitOneAbove}
				title={t.splitOneAboveThe}
			>
				⊟
			</button>
			{layout.tabs.length > 0 && (
				<button
					type="button"
					className="button plain tiny"
					onClick={() => void close(layout.focus)}
					disabled={!connected}
					aria-label={fillIn(t.closeTerminal, { focus: numberOf(layout.focus) })}
					title={t.closeAltShift}
				>
					✕
				</button>
			)}
			<TerminalMenu settings={settings} onChange={change} />
		</div>
	);
	return (
		<section
			className={connected ? 'terminals' : 'terminals away'}
			aria-label={t.terminal}
			aria-describedby="leave-note"
			data-pane="terminal"
			tabIndex={-1}
			onKeyDownCapture={onKeyDown}
		>
			<Tabs
				label={t.terminals}
				items={items}
				active={tabId(layout.tabs[layout.front])}
				onSelect={(id) => {
					const at = layout.tabs.findIndex((tab) => tabId(tab) === id);
					update(brought(layout, at), false);
				}}
				extra={extra}
				className="fill"
			/>
			{layout.tabs.length === 0 && (
				<p className="empty">
					{t.noTerminalIs}{' '}
					<button type="button" className="button tiny" onClick={() => update(added(layout))}>
						{t.openOne}
					</button>
				</p>
			)}
			<p className={said === '' ? 'visually-hidden' : 'terminal-said tiny'} role="status">
				{said}
			</p>
			<Confirm
				open={asking !== undefined}
				title={asking === undefined ? '' : fillIn(t.closeTerminalSure, { id: numberOf(asking.id) })}
				action={t.closeIt}
				onClose={() => setAsking(undefined)}
				onConfirm={() => asking !== undefined && void end(asking.id)}
			>
				<p>{t.thisRunsIn}</p>
				<ul>
					{asking?.programs.map(({ text }) => (
						<li key={text}>
							<code>{text}</code>
						</li>
					))}
				</ul>
			</Confirm>
		</section>
	);
}

const tabId = (tab: TerminalTab | undefined): string => tab?.ids[0] ?? '';

const labelOf = ({ ids }: TerminalTab): string =>
	ids.length === 1
		? fillIn(t.terminalOne, { number: numberOf(ids[0] ?? '') })
		: fillIn(t.terminalsTwo, { first: numberOf(ids[0] ?? ''), second: numberOf(ids[1] ?? '') });

function panelOf(tab: TerminalTab, visible: boolean, view: (id: string, visible: boolean) => ReturnType<typeof TerminalView>) {
	const [first = '', second] = tab.ids;
	if (second === undefined) return view(first, visible);
	return (
		<Split
			direction={tab.direction}
			name={`terminals.${tab.direction}`}
			label={fillIn(t.sizesOfTerminals, { first: numberOf(first), second: numberOf(second) })}
			initial={50}
			first={view(first, visible)}
			second={view(second, visible)}
		/>
	);
}

/** Once it is on the page: its place is drawn with the next frame, its terminal with the one after. */
function focusOn(id: string, tries = 10): void {
	requestAnimationFrame(() => {
		const input = document.querySelector<HTMLElement>(`[data-terminal="${CSS.escape(id)}"] .xterm-helper-textarea`);
		if (input?.closest('.terminal')?.getClientRects().length) input.focus();
		else if (tries > 0) focusOn(id, tries - 1);
	});
}

const wordsOf = (error: unknown): string => (error instanceof LabFault ? `${error.problem.message} ${error.problem.next}` : String(error));
