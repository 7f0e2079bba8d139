import { Sentence } from '../parts/Sentence.tsx';
import { useEffect, useState } from 'react';
import type { Checkpoint, CheckpointChanges } from '../../../../server/protocol/messages.ts';
import { useLab } from '../context.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { DiffView } from '../parts/DiffView.tsx';
import { called, wordsOf } from './words.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

interface Props {
	/** Where to; undefined keeps the dialog closed. */
	readonly checkpoint: Checkpoint | undefined;
	/** It is over: what there is to say of it. */
	readonly onDone: (words: string) => void;
}

type Found = { readonly changes: CheckpointChanges } | { readonly problem: string };

const VERBS = { 'comes-back': t.comesBack, vanishes: t.vanishes, changes: t.changes } as const;

/** Shows what going back will change, then goes. */
export function GoBack({ checkpoint, onDone }: Props) {
	const { client } = useLab();
	const [found, setFound] = useState<Found | undefined>();
	const [going, setGoing] = useState(false);
	useEffect(() => {
		setFound(undefined);
		setGoing(false);
		if (checkpoint === undefined) return;
		let current = true;
		client.request({ type: 'checkpoint.look', checkpoint: checkpoint.id }).then(
			(answer) => current && answer.type === 'checkpoint.changes' && setFound({ changes: answer.changes }),
			(error: unknown) => current && setFound({ problem: wordsOf(error) }),
		);
		return () => {
			current = false;
		};
	}, [client, checkpoint]);
	const go = () => {
		if (checkpoint === undefined) return;
		setGoing(true);
		client.request({ type: 'checkpoint.rewind', checkpoint: checkpoint.id }).then(
			() => onDone(fillIn(t.backAtWhat, { checkpoint: called(checkpoint) })),
			(error: unknown) => {
				setGoing(false);
				setFound({ problem: wordsOf(error) });
			},
		);
	};
	return (
		<Dialog
			open={checkpoint !== undefined}
			title={checkpoint === undefined ? '' : fillIn(t.goBackTo, { checkpoint: called(checkpoint) })}
			onClose={() => onDone('')}
			wide
		>
			{found === undefined && <p role="status">{t.comparingThePresent}</p>}
			{found !== undefined && 'problem' in found && (
				<p className="notice fail" role="alert">
					{found.problem}
				</p>
			)}
			{found !== undefined && 'changes' in found && <Changes changes={found.changes} />}
			<div className="dialog-actions">
				<button type="button" className="button plain" onClick={() => onDone('')}>
					{t.stayHere}
				</button>
				<button type="button" className="button danger" disabled={going || found === undefined || 'problem' in found} onClick={go}>
					{going ? t.goingBack : t.goBackNow}
				</button>
			</div>
		</Dialog>
	);
}

function Changes({ changes: { at, files, objects, more, programs } }: { readonly changes: CheckpointChanges }) {
	const ends = programs.filter((program) => !program.goesOn);
	const clock = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
	return (
		<div className="go-back">
			<p>{fillIn(t.theClustersClock, { clock })}</p>
			{files.length === 0 && objects.length === 0 && <p>{t.noFileOf}</p>}
			{objects.length > 0 && (
				<section aria-label={t.objectsOfThe}>
					<h3>{t.cluster}</h3>
					<ul>
						{objects.map(({ kind, namespace, name, change, detail }) => (
							<li key={`${kind}/${namespace}/${name}`}>
								<code>
									{kind} {namespace === '' ? name : `${namespace}/${name}`}
								</code>{' '}
								{VERBS[change]}
								{detail.length > 0 && (
									<ul className="tiny">
										{detail.map((line) => (
											<li key={line}>
												<code>{line}</code>
											</li>
										))}
									</ul>
								)}
							</li>
						))}
						{more.objects > 0 && <li>{fillIn(t.andMoreObjects, { objects: more.objects })}</li>}
						{more.owned > 0 && (
							<li>
								{more.owned === 1 ? t.oneObjectThat : fillIn(t.objectsThatFollow, { owned: more.owned })} {t.fromThesePods}
							</li>
						)}
					</ul>
				</section>
			)}
			{files.length > 0 && (
				<section aria-label={t.files}>
					<h3>{t.files}</h3>
					<ul className="go-back-files">
						{files.map(({ path, change, diff }) => (
							<li key={path}>
								<details>
									<summary>
										<code>{path}</code> {VERBS[change]}
									</summary>
									{diff === '' ? (
										<p className="tiny quiet">{t.noTextTo}</p>
									) : (
										<DiffView lines={diff.trimEnd().split('\n')} label={fillIn(t.changesOfFile, { path })} />
									)}
								</details>
							</li>
						))}
						{more.files > 0 && <li>{fillIn(t.andMoreFiles, { files: more.files })}</li>}
					</ul>
				</section>
			)}
			{ends.length > 0 && (
				<section aria-label={t.programsThatEnd}>
					<h3>{t.programsThatEnd}</h3>
					<ul>
						{ends.map(({ terminal, text }) => (
							<li key={`${terminal} ${text}`}>
								<Sentence text={t.endsInTerminal} values={{ command: <code>{text}</code>, terminal: terminal.replace(/^t/, '') }} />
							</li>
						))}
					</ul>
				</section>
			)}
		</div>
	);
}
