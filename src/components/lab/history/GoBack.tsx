import { useEffect, useState } from 'react';
import type { Checkpoint, CheckpointChanges } from '../../../../server/protocol/messages.ts';
import { useLab } from '../context.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { DiffView } from '../parts/DiffView.tsx';
import { called, wordsOf } from './words.ts';

interface Props {
	/** Where to; undefined keeps the dialog closed. */
	readonly checkpoint: Checkpoint | undefined;
	/** It is over: what there is to say of it. */
	readonly onDone: (words: string) => void;
}

type Found = { readonly changes: CheckpointChanges } | { readonly problem: string };

const VERBS = { 'comes-back': 'comes back', vanishes: 'vanishes', changes: 'changes' } as const;

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
			() => onDone(`Back at “${called(checkpoint)}”. What you had is the newest checkpoint now.`),
			(error: unknown) => {
				setGoing(false);
				setFound({ problem: wordsOf(error) });
			},
		);
	};
	return (
		<Dialog open={checkpoint !== undefined} title={checkpoint === undefined ? '' : `Go back to “${called(checkpoint)}”?`} onClose={() => onDone('')} wide>
			{found === undefined && <p role="status">Comparing the present with it…</p>}
			{found !== undefined && 'problem' in found && (
				<p className="notice fail" role="alert">
					{found.problem}
				</p>
			)}
			{found !== undefined && 'changes' in found && <Changes changes={found.changes} />}
			<div className="dialog-actions">
				<button type="button" className="button plain" onClick={() => onDone('')}>
					Stay here
				</button>
				<button type="button" className="button danger" disabled={going || found === undefined || 'problem' in found} onClick={go}>
					{going ? 'Going back…' : 'Go back'}
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
			<p>
				The cluster’s clock will show {clock} UTC. A checkpoint of the present is made first, so this can be taken back. Terminals keep their scrollback and
				history.
			</p>
			{files.length === 0 && objects.length === 0 && <p>No file of yours and no object of the cluster will be another.</p>}
			{objects.length > 0 && (
				<section aria-label="Objects of the cluster">
					<h3>Cluster</h3>
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
						{more.objects > 0 && <li>and {more.objects} more</li>}
						{more.owned > 0 && <li>{more.owned === 1 ? 'one object that follows' : `${more.owned} objects that follow`} from these (pods, replica sets)</li>}
					</ul>
				</section>
			)}
			{files.length > 0 && (
				<section aria-label="Files">
					<h3>Files</h3>
					<ul className="go-back-files">
						{files.map(({ path, change, diff }) => (
							<li key={path}>
								<details>
									<summary>
										<code>{path}</code> {VERBS[change]}
									</summary>
									{diff === '' ? (
										<p className="tiny quiet">No text to compare.</p>
									) : (
										<DiffView lines={diff.trimEnd().split('\n')} label={`Changes of ${path}`} />
									)}
								</details>
							</li>
						))}
						{more.files > 0 && <li>and {more.files} more</li>}
					</ul>
				</section>
			)}
			{ends.length > 0 && (
				<section aria-label="Programs that end">
					<h3>Programs that end</h3>
					<ul>
						{ends.map(({ terminal, text }) => (
							<li key={`${terminal} ${text}`}>
								<code>{text}</code> in terminal {terminal.replace(/^t/, '')}
							</li>
						))}
					</ul>
				</section>
			)}
		</div>
	);
}
