import { useState } from 'react';
import { LabFault } from '../../../lib/lab-client.ts';
import type { StaticTask } from '../../../lib/static-lab.ts';
import { useLab } from '../context.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

interface Props {
	readonly task: StaticTask;
	readonly opened: readonly string[];
	readonly left: number;
}

/** Hints, one at a time. Opening one costs no points; it is kept, so that a mentor can see where help was needed. */
export function Hints({ task, opened, left }: Props) {
	const { client } = useLab();
	const [fault, setFault] = useState('');
	const [busy, setBusy] = useState(false);
	const open = () => {
		setBusy(true);
		setFault('');
		client
			.request({ type: 'lab.hint', task: task.id })
			.catch((error: unknown) => setFault(error instanceof LabFault ? `${error.problem.message} ${error.problem.next}` : String(error)))
			.finally(() => setBusy(false));
	};
	return (
		<div className="hints" aria-live="polite">
			{opened.map((hint, index) => (
				<p key={hint} className="hint">
					<strong>{fillIn(t.hint, { index: index + 1 })}</strong> {hint}
				</p>
			))}
			{left > 0 && (
				<button type="button" className="button plain tiny" onClick={open} disabled={busy}>
					{opened.length === 0 ? t.openAHint : t.openTheNext} ({left} {t.hintsLeft}
					<span className="visually-hidden"> {fillIn(t.hintFor, { title: task.title })}</span>
				</button>
			)}
			{fault !== '' && <p className="small fault">{fault}</p>}
		</div>
	);
}
