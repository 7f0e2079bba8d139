import { Sentence } from '../parts/Sentence.tsx';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { Checkpoint } from '../../../../server/protocol/messages.ts';
import { useLab, useLabState } from '../context.ts';
import { GoBack } from './GoBack.tsx';
import { called, when, wordsOf } from './words.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

const ASK_EVERY_MS = 5000;

/** The checkpoints of the lab: made by themselves and by hand; going back shows first what will change. */
export function Checkpoints({ shown }: { readonly shown: boolean }) {
	const { client } = useLab();
	const connected = useLabState((state) => state.connection.state === 'open');
	const able = useLabState((state) => state.capabilities['rewind'] !== false);
	const provider = useLabState((state) => state.provider);
	const [list, setList] = useState<readonly Checkpoint[] | undefined>();
	const [chosen, setChosen] = useState<Checkpoint | undefined>();
	const [name, setName] = useState('');
	const [said, setSaid] = useState('');

	useEffect(() => client.onMessage((message) => message.type === 'checkpoints' && setList(message.checkpoints)), [client]);
	// What was done since each is told when somebody looks.
	useEffect(() => {
		if (!shown || !connected || !able) return;
		const ask = () => void client.request({ type: 'checkpoint.list' }).catch((error: unknown) => setSaid(wordsOf(error)));
		ask();
		const timer = setInterval(() => document.visibilityState === 'visible' && ask(), ASK_EVERY_MS);
		return () => clearInterval(timer);
	}, [client, shown, connected, able]);

	const save = (event: FormEvent) => {
		event.preventDefault();
		const words = name.trim();
		if (words === '') return;
		setSaid(t.saving);
		client.request({ type: 'checkpoint.save', name: words }).then(
			() => {
				setSaid(fillIn(t.saved, { words }));
				setName('');
			},
			(error: unknown) => setSaid(wordsOf(error)),
		);
	};
	const remove = (checkpoint: Checkpoint) => {
		client.request({ type: 'checkpoint.remove', checkpoint: checkpoint.id }).then(
			() => setSaid(fillIn(t.removed, { name: checkpoint.name })),
			(error: unknown) => setSaid(wordsOf(error)),
		);
	};
	const onDone = useCallback((words: string) => {
		setChosen(undefined);
		setSaid(words);
	}, []);

	if (!able) {
		return (
			<section aria-labelledby="checkpoints">
				<h2 id="checkpoints">{t.checkpoints}</h2>
				<p className="notice">{fillIn(t.thisLabRuns, { provider })}</p>
			</section>
		);
	}
	return (
		<section aria-labelledby="checkpoints">
			<h2 id="checkpoints">{t.checkpoints}</h2>
			<p className="quiet small">{t.yourClusterAnd}</p>
			<form className="checkpoint-form" onSubmit={save}>
				<label htmlFor="checkpoint-name">{t.saveACheckpoint}</label>
				<input
					id="checkpoint-name"
					className="field"
					maxLength={80}
					placeholder={t.beforeITry}
					value={name}
					onChange={(event) => setName(event.target.value)}
				/>
				<button type="submit" className="button plain" disabled={!connected || name.trim() === ''}>
					{t.save}
				</button>
			</form>
			<p className="small" role="status">
				{said}
			</p>
			{list?.length === 0 && <p className="quiet">{t.noneYet}</p>}
			<ol className="checkpoints" reversed>
				{list?.toReversed().map((checkpoint) => (
					<li key={checkpoint.id}>
						<div className="checkpoint-head">
							<strong>{called(checkpoint)}</strong>
							<time className="tiny quiet" dateTime={checkpoint.savedAt}>
								{when(checkpoint.savedAt)}
							</time>
						</div>
						<Since checkpoint={checkpoint} />
						<div className="checkpoint-actions">
							<button type="button" className="button plain tiny" disabled={!connected} onClick={() => setChosen(checkpoint)}>
								{t.goBackAsk}
								<span className="visually-hidden"> {fillIn(t.goBackToHeard, { checkpoint: called(checkpoint) })}</span>
							</button>
							{checkpoint.reason === 'hand' && (
								<button type="button" className="button plain tiny" disabled={!connected} onClick={() => remove(checkpoint)}>
									{t.remove}
									<span className="visually-hidden"> {called(checkpoint)}</span>
								</button>
							)}
						</div>
					</li>
				))}
			</ol>
			<GoBack checkpoint={chosen} onDone={onDone} />
		</section>
	);
}

function Since({ checkpoint: { commandsSince, lastCommands } }: { readonly checkpoint: Checkpoint }) {
	if (commandsSince === 0) return <p className="checkpoint-since tiny quiet">{t.nothingWasRun}</p>;
	const last = lastCommands.at(-1) ?? '';
	return (
		<p className="checkpoint-since tiny quiet">
			<Sentence text={commandsSince === 1 ? t.sinceOne : t.sinceMany} values={{ n: commandsSince, last: <code>{last}</code> }} />
		</p>
	);
}
