import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { Checkpoint } from '../../../../server/protocol/messages.ts';
import { useLab, useLabState } from '../context.ts';
import { GoBack } from './GoBack.tsx';
import { called, when, wordsOf } from './words.ts';

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
		setSaid('Saving…');
		client.request({ type: 'checkpoint.save', name: words }).then(
			() => {
				setSaid(`Saved “${words}”.`);
				setName('');
			},
			(error: unknown) => setSaid(wordsOf(error)),
		);
	};
	const remove = (checkpoint: Checkpoint) => {
		client.request({ type: 'checkpoint.remove', checkpoint: checkpoint.id }).then(
			() => setSaid(`Removed “${checkpoint.name}”.`),
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
				<h2 id="checkpoints">Checkpoints</h2>
				<p className="notice">This lab runs on a real cluster (the {provider} provider), which cannot go back in time. Keep copies of your files instead.</p>
			</section>
		);
	}
	return (
		<section aria-labelledby="checkpoints">
			<h2 id="checkpoints">Checkpoints</h2>
			<p className="quiet small">
				Your cluster and files as they were. One is made whenever a task turns green, and every few minutes while you work. Going back can be taken back.
			</p>
			<form className="checkpoint-form" onSubmit={save}>
				<label htmlFor="checkpoint-name">Save a checkpoint</label>
				<input
					id="checkpoint-name"
					className="field"
					maxLength={80}
					placeholder="Before I try something"
					value={name}
					onChange={(event) => setName(event.target.value)}
				/>
				<button type="submit" className="button plain" disabled={!connected || name.trim() === ''}>
					Save
				</button>
			</form>
			<p className="small" role="status">
				{said}
			</p>
			{list?.length === 0 && <p className="quiet">None yet.</p>}
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
								Go back…<span className="visually-hidden"> to {called(checkpoint)}</span>
							</button>
							{checkpoint.reason === 'hand' && (
								<button type="button" className="button plain tiny" disabled={!connected} onClick={() => remove(checkpoint)}>
									Remove<span className="visually-hidden"> {called(checkpoint)}</span>
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
	if (commandsSince === 0) return <p className="checkpoint-since tiny quiet">Nothing was run since.</p>;
	const last = lastCommands.at(-1) ?? '';
	return (
		<p className="checkpoint-since tiny quiet">
			Since then {commandsSince === 1 ? 'one command' : `${commandsSince} commands`}, last <code>{last}</code>
		</p>
	);
}
