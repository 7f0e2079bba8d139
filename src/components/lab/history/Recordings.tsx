import { lazy, Suspense, useEffect, useState } from 'react';
import type { RecordingInfo } from '../../../../server/protocol/progress.ts';
import { ApiError, getRecordings, recordingAddress } from '../../../lib/api.ts';
import { clock } from '../../../lib/asciicast.ts';
import { recordingTitle } from '../../../lib/recording-title.ts';
import { useLab, useLabState } from '../context.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { when } from './words.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

// It holds a terminal: its code comes when somebody plays something.
const Recording = lazy(() => import('../../recording/Recording.tsx'));

/** The terminals' recordings so far, to be played back or taken along. */
export function Recordings({ shown }: { readonly shown: boolean }) {
	const { lab } = useLab();
	const connected = useLabState((state) => state.connection.state === 'open');
	const [list, setList] = useState<readonly RecordingInfo[]>([]);
	const [problem, setProblem] = useState('');
	const [playing, setPlaying] = useState<RecordingInfo | undefined>();
	useEffect(() => {
		if (!shown || !connected) return;
		getRecordings(lab.id).then(
			(found) => {
				setList(found);
				setProblem('');
			},
			(error: unknown) => setProblem(error instanceof ApiError ? `${error.message} ${error.next}` : String(error)),
		);
	}, [lab.id, shown, connected]);
	return (
		<section aria-labelledby="recordings">
			<h2 id="recordings">{t.recordings}</h2>
			<p className="quiet small">{t.everyTerminalIs}</p>
			{problem !== '' && (
				<p className="notice warn" role="alert">
					{problem}
				</p>
			)}
			{list.length === 0 && problem === '' && <p className="quiet">{t.noneYet}</p>}
			<ul className="recordings">
				{list.map((one) => (
					<li key={one.name}>
						<span>
							<strong>{recordingTitle(one.name)}</strong>{' '}
							<span className="tiny quiet">
								{fillIn(one.commands === 1 ? t.recordedOne : t.recorded, { from: when(one.startedAt), length: clock(one.seconds), n: one.commands })}
							</span>
						</span>
						<span className="checkpoint-actions">
							<button type="button" className="button plain tiny" onClick={() => setPlaying(one)}>
								{t.play}
								<span className="visually-hidden"> {recordingTitle(one.name)}</span>
							</button>
							<a className="button plain tiny" href={recordingAddress(lab.id, one.name)} download>
								{t.download}
								<span className="visually-hidden"> {recordingTitle(one.name)}</span>
							</a>
						</span>
					</li>
				))}
			</ul>
			<Dialog open={playing !== undefined} title={playing === undefined ? '' : recordingTitle(playing.name)} onClose={() => setPlaying(undefined)} wide>
				{playing !== undefined && (
					<Suspense fallback={<p role="status">{t.openingThePlayer}</p>}>
						<Recording recordingUrl={recordingAddress(lab.id, playing.name)} />
					</Suspense>
				)}
				<div className="dialog-actions">
					<button type="button" className="button plain" onClick={() => setPlaying(undefined)}>
						{t.close}
					</button>
				</div>
			</Dialog>
		</section>
	);
}
