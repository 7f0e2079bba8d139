import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { recall, remember } from '../../lib/remember.ts';
import { useScreen } from '../../lib/screen.ts';
import { Announcer } from './Announcer.tsx';
import { Brief } from './Brief.tsx';
import { ClusterPane } from './cluster/ClusterPane.tsx';
import { HistoryPanel } from './history/HistoryPanel.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { useLab, useLabState } from './context.ts';
import { LabBar } from './LabBar.tsx';
import { usePaneKeys } from './pane-keys.ts';
import { Split } from './parts/Split.tsx';
import { type TabItem, Tabs } from './parts/Tabs.tsx';
import { Tasks } from './tasks/Tasks.tsx';
import { VerdictPanel } from './verdict/VerdictPanel.tsx';
import { fillIn } from '../../lib/i18n/fill-in.ts';
import { t } from './page-words.ts';

// Terminal and editor are the heavy parts: their code arrives after brief and tasks can be read, and never on a phone.
const TerminalPane = lazy(() => import('./terminal/TerminalPane.tsx'));
const EditorPane = lazy(() => import('./editor/EditorPane.tsx'));

type View = 'brief' | 'tasks' | 'verdict' | 'history' | 'terminal' | 'editor' | 'cluster';

/** The lab page: the parts, and how they are laid out on this screen. */
export function LabApp() {
	const fits = useScreen();
	const [all, setAll] = useState(() => recall('small-screen') === 'all');
	// At a high zoom a large screen is as narrow as a phone: whoever wants the terminal there has it.
	const screen = fits === 'phone' && all ? 'narrow' : fits;
	const [view, setView] = useState<View>('brief');
	usePaneKeys();
	const reading = useReading(view);
	const terminal = later(<TerminalPane />, t.openingTheTerminal);
	const editor = later(<EditorPane onAsked={() => askedForEditor(setView)} onAnswered={() => backToTerminal(setView)} />, t.openingTheEditor);
	const cluster = <ClusterPane />;
	return (
		<div className={`lab lab-${screen}`}>
			<LabBar onCheck={() => setView('verdict')} />
			<ConnectionBanner />
			<Announcer />
			{screen === 'wide' ? (
				<Wide view={view} onView={setView} reading={reading} terminal={terminal} editor={editor} cluster={cluster} />
			) : (
				<Tabs
					label={t.partsOfThe}
					className="fill main-tabs"
					active={screen === 'phone' && (view === 'terminal' || view === 'editor') ? 'brief' : view}
					onSelect={(id) => setView(id as View)}
					items={[
						...reading,
						...(screen === 'narrow'
							? [
									{ id: 'terminal', label: 'Terminal', panel: terminal },
									{ id: 'editor', label: 'Editor', panel: editor },
								]
							: []),
						{ id: 'cluster', label: 'Cluster', panel: cluster },
					]}
				/>
			)}
			{screen === 'phone' && (
				<p className="phone-note small quiet">
					{t.terminalAndEditor}{' '}
					<button
						type="button"
						className="button plain tiny"
						onClick={() => {
							setAll(true);
							remember('small-screen', 'all');
						}}
					>
						{t.showThemAll}
					</button>
				</p>
			)}
		</div>
	);
}

interface WideProps {
	readonly view: View;
	readonly onView: (view: View) => void;
	readonly reading: readonly TabItem[];
	readonly terminal: ReactNode;
	readonly editor: ReactNode;
	readonly cluster: ReactNode;
}

function Wide({ view, onView, reading, terminal, editor, cluster }: WideProps) {
	const active = reading.some((item) => item.id === view) ? view : 'brief';
	const left = (
		<section className="reading" aria-label={t.briefTasksAnd} data-pane="reading" tabIndex={-1}>
			<Tabs label={t.briefTasksAnd} items={reading} active={active} onSelect={(id) => onView(id as View)} className="fill" />
		</section>
	);
	const middle = <Split direction="column" name="editor" label={t.heightOfThe} initial={46} first={editor} second={terminal} />;
	const right = <Split direction="row" name="cluster" label={t.widthOfEditor} initial={64} min={35} first={middle} second={cluster} />;
	return <Split direction="row" name="reading" label={t.widthOfThe} initial={26} max={50} first={left} second={right} />;
}

/** Brief, tasks and verdict, with how many tasks are done and the last score in the tabs' names. */
function useReading(view: View): readonly TabItem[] {
	const { lab } = useLab();
	const done = useLabState((state) => state.tasks.filter((task) => task.done).length);
	const score = useLabState((state) => state.verdict?.score);
	return [
		{ id: 'brief', label: t.brief, panel: <Brief />, reads: true },
		{
			id: 'tasks',
			label: <TabLabel name={t.tasks} note={`${done}/${lab.tasks.length}`} spoken={fillIn(t.ofDone, { done, n: lab.tasks.length })} />,
			panel: <Tasks />,
			reads: true,
		},
		{
			id: 'verdict',
			label:
				score === undefined ? t.verdict : <TabLabel name={t.verdict} note={String(Math.round(score))} spoken={fillIn(t.of100, { score: Math.round(score) })} />,
			panel: <VerdictPanel />,
			reads: true,
		},
		{ id: 'history', label: t.history, panel: <HistoryPanel shown={view === 'history'} />, reads: true },
	];
}

const TabLabel = ({ name, note, spoken }: { readonly name: string; readonly note: string; readonly spoken: string }) => (
	<>
		{name}{' '}
		<span className="count" aria-hidden="true">
			{note}
		</span>
		<span className="visually-hidden">{spoken}</span>
	</>
);

const later = (part: ReactNode, waiting: string) => <Suspense fallback={<p className="empty quiet">{waiting}</p>}>{part}</Suspense>;

/** Brings the editor to where the learner is looking. */
function askedForEditor(setView: (view: View) => void): void {
	setView('editor');
	requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-pane="editor"] .cm-content')?.focus());
}

/** A command that waited for the editor goes on: so does the learner, where it was typed. */
function backToTerminal(setView: (view: View) => void): void {
	setView('terminal');
	requestAnimationFrame(() => {
		const inputs = [...document.querySelectorAll<HTMLElement>('[data-pane="terminal"] .xterm-helper-textarea')];
		inputs.find((input) => input.closest('.xterm')?.getClientRects().length)?.focus();
	});
}

/** Mounted once a page; here because it needs the lab's parts. */
export function LabTitle() {
	const { lab } = useLab();
	const done = useLabState((state) => state.tasks.filter((task) => task.done).length);
	useEffect(() => {
		document.title = `${done > 0 ? `(${done}/${lab.tasks.length}) ` : ''}${lab.title} · Foothold`;
	}, [done, lab]);
	return null;
}
