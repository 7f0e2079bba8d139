import '@xterm/xterm/css/xterm.css';
import './recording.css';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { type Cast, clock, parseCast } from '../../lib/asciicast.ts';
import { fillIn } from '../../lib/i18n/fill-in.ts';
import { wordsOf } from '../../lib/i18n/words-of.ts';
import { Player, type PlayerState } from './player.ts';

const t = wordsOf('recording');

/** A moment that somebody points at. */
export interface Moment {
	/** Seconds since the recording's start, in the recording's own time: it stays the same however pauses are played. */
	readonly at: number;
	/** The command line under way, where there is one. */
	readonly command: string | undefined;
}

export interface RecordingProps {
	/** Where the asciicast v3 file lies; it is also what the download link leads to. */
	readonly recordingUrl: string;
	/** Moment to begin at, seconds of the recording's own time; a new value jumps there. */
	readonly startAt?: number;
	/** With it there is a button that points at the present moment. */
	readonly onMoment?: (moment: Moment) => void;
}

const SPEEDS = [0.5, 1, 2, 4, 8] as const;
const STOPPED: PlayerState = { playing: false, at: 0, duration: 0, own: 0 };

/** A terminal's recording, played back: pause, seek, speed, pauses cut short, a list of the commands to jump to. */
export function Recording({ recordingUrl, startAt, onMoment }: RecordingProps) {
	const [cast, problem] = useCast(recordingUrl);
	if (problem !== undefined) {
		return (
			<p className="notice warn" role="alert">
				{problem}
			</p>
		);
	}
	if (cast === undefined) {
		return (
			<p className="empty quiet" role="status">
				{t.loading}
			</p>
		);
	}
	return <Loaded key={recordingUrl} cast={cast} recordingUrl={recordingUrl} startAt={startAt} onMoment={onMoment} />;
}

export default Recording;

function Loaded({ cast, recordingUrl, startAt, onMoment }: { readonly cast: Cast } & { readonly [P in keyof RecordingProps]: RecordingProps[P] | undefined }) {
	const screen = useRef<HTMLElement>(null);
	const made = useRef<Player | undefined>(undefined);
	const [state, setState] = useState(STOPPED);
	const [speed, setSpeed] = useState<number>(1);
	const [squeezed, setSqueezed] = useState(true);
	const [said, setSaid] = useState('');
	const commands = useMemo(() => cast.events.filter((event) => event.code === 'm'), [cast]);
	const current = commands.findLast((command) => command.at <= state.own + 1e-6);

	useEffect(() => {
		if (!screen.current) return;
		const player = new Player(cast, screen.current, setState);
		made.current = player;
		return () => {
			made.current = undefined;
			player.dispose();
		};
	}, [cast]);
	useEffect(() => {
		if (startAt !== undefined) made.current?.seekOwn(startAt);
	}, [startAt]);

	const jump = (step: number) => {
		const at = commands.findLastIndex((command) => command.at <= state.own + (step < 0 ? -0.5 : 1e-6)) + (step < 0 ? 0 : 1);
		const to = commands[at];
		made.current?.seekOwn(to?.at ?? (step < 0 ? 0 : cast.duration));
	};
	const choose = (next: number) => {
		setSpeed(next);
		made.current?.setSpeed(next);
	};
	const faster = (step: number) => choose(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(speed as 1) + step))] ?? 1);
	const copy = () => {
		const text = made.current?.text() ?? '';
		navigator.clipboard.writeText(text).then(
			() => setSaid(t.copied),
			() => setSaid(t.notCopied),
		);
	};
	const keys = new Map<string, () => void>([
		[' ', () => made.current?.toggle()],
		['k', () => made.current?.toggle()],
		['ArrowLeft', () => made.current?.seek(state.at - 5)],
		['ArrowRight', () => made.current?.seek(state.at + 5)],
		['Home', () => made.current?.seek(0)],
		['End', () => made.current?.seek(state.duration)],
		['[', () => jump(-1)],
		[']', () => jump(1)],
		['<', () => faster(-1)],
		['>', () => faster(1)],
	]);
	const onKeyDown = (event: KeyboardEvent) => {
		const action = keys.get(event.key);
		const element = event.target as HTMLElement;
		// Buttons, lists and the seek bar keep the keys that are theirs.
		if (
			!action ||
			event.ctrlKey ||
			event.metaKey ||
			event.altKey ||
			(element.matches('button, input, select, a, summary') && /^( |Arrow|Home|End)/.test(event.key))
		)
			return;
		event.preventDefault();
		action();
	};
	return (
		<section className="recording" aria-label={t.label} onKeyDown={onKeyDown}>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: the screen scrolls and takes the player's keys */}
			<section className="recording-screen" ref={screen} tabIndex={0} aria-label={t.screen} />
			<div className="recording-bar">
				<button type="button" className="button tiny" onClick={() => made.current?.toggle()} aria-label={state.playing ? t.pause : t.play}>
					{state.playing ? '❚❚' : '►'}
				</button>
				<button type="button" className="button plain tiny" onClick={() => jump(-1)} aria-label={t.previous} disabled={commands.length === 0}>
					«
				</button>
				<button type="button" className="button plain tiny" onClick={() => jump(1)} aria-label={t.next} disabled={commands.length === 0}>
					»
				</button>
				<input
					type="range"
					className="recording-seek"
					aria-label={t.place}
					aria-valuetext={fillIn(t.placeOf, { at: clock(state.at), whole: clock(state.duration) })}
					min={0}
					max={Math.max(0.01, state.duration)}
					step="any"
					value={state.at}
					onChange={(event) => made.current?.seek(event.target.valueAsNumber)}
				/>
				<span className="tiny figure recording-time">
					{clock(state.at)} / {clock(state.duration)}
				</span>
				<label className="tiny">
					{t.speed}{' '}
					<select value={speed} onChange={(event) => choose(Number(event.target.value))}>
						{SPEEDS.map((one) => (
							<option key={one} value={one}>
								{one === 0.5 ? '½' : one}×
							</option>
						))}
					</select>
				</label>
				<label className="tiny">
					<input
						type="checkbox"
						checked={squeezed}
						onChange={(event) => {
							setSqueezed(event.target.checked);
							made.current?.squeeze(event.target.checked);
						}}
					/>{' '}
					{t.shorten}
				</label>
				<button type="button" className="button plain tiny" onClick={copy}>
					{t.copy}
				</button>
				<a className="button plain tiny" href={recordingUrl} download>
					{t.download}
				</a>
				{onMoment !== undefined && (
					<button type="button" className="button tiny" onClick={() => onMoment({ at: Math.round(state.own * 10) / 10, command: current?.data })}>
						{fillIn(t.commentAt, { at: clock(state.at) })}
					</button>
				)}
				<span className="tiny quiet" role="status">
					{said}
				</span>
			</div>
			<details className="recording-commands" open={commands.length > 0 && commands.length <= 12}>
				<summary>{commands.length === 1 ? t.commandOne : fillIn(t.commands, { n: commands.length })}</summary>
				<ol>
					{commands.map((command) => (
						<li key={command.at + command.data}>
							<button type="button" aria-current={command === current ? 'step' : undefined} onClick={() => made.current?.seekOwn(command.at)}>
								<span className="tiny quiet figure">{clock(command.at)}</span> <code>{command.data}</code>
							</button>
						</li>
					))}
				</ol>
			</details>
		</section>
	);
}

/** The recording behind an address, or why it can't be shown. */
function useCast(url: string): readonly [Cast | undefined, string | undefined] {
	const [loaded, setLoaded] = useState<{ readonly url: string; readonly cast?: Cast; readonly problem?: string }>({ url: '' });
	useEffect(() => {
		const abort = new AbortController();
		fetch(url, { signal: abort.signal })
			.then(async (response) => {
				if (!response.ok) return { url, problem: fillIn(t.notLoadedHttp, { status: response.status }) };
				const cast = parseCast(await response.text());
				return cast === undefined ? { url, problem: t.noRecording } : { url, cast };
			})
			.catch((error: unknown) => ({ url, problem: fillIn(t.notLoaded, { why: error instanceof Error ? error.message : String(error) }) }))
			.then((next) => {
				if (!abort.signal.aborted) setLoaded(next);
			});
		return () => abort.abort();
	}, [url]);
	return loaded.url === url ? [loaded.cast, loaded.problem] : [undefined, undefined];
}
