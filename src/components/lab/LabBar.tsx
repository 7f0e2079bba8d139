import { useState } from 'react';
import { useLab, useLabState } from './context.ts';
import { runJob } from './jobs.ts';
import { Kubeconfig } from './Kubeconfig.tsx';
import { Confirm } from './parts/Confirm.tsx';
import { fillIn } from '../../lib/i18n/fill-in.ts';
import { t } from './page-words.ts';

interface Props {
	/** A check or a submission was asked for: the verdict should come forward. */
	readonly onCheck: () => void;
}

/** The lab's name, how far one is, and what one can do with the whole of it. */
export function LabBar({ onCheck }: Props) {
	const { lab, client } = useLab();
	const [asking, setAsking] = useState(false);
	const [kubeconfig, setKubeconfig] = useState(false);
	const job = useLabState((state) => state.job);
	const connected = useLabState((state) => state.connection.state === 'open');
	const hasVerdict = useLabState((state) => state.verdict !== undefined);
	const canUndo = useLabState((state) => state.canUndoReset);
	const done = useLabState((state) => state.tasks.filter((task) => task.done).length);
	const idle = connected && job === undefined;
	const run = (what: 'check' | 'submit') => {
		onCheck();
		void runJob(client, what);
	};
	return (
		<header className="lab-bar">
			<div className="lab-name">
				<a className="small" href={`/track/month-${lab.month}/`}>
					{fillIn(t.month, { month: lab.month })}
				</a>
				<h1>{lab.title}</h1>
				<p className="small quiet lab-done">{fillIn(t.ofTasks, { done, n: lab.tasks.length })}</p>
			</div>
			<div className="lab-actions">
				{canUndo && (
					<button type="button" className="button plain" disabled={!idle} onClick={() => void runJob(client, 'undo-reset')}>
						{t.takeStartOver}
					</button>
				)}
				<button type="button" className="button plain wide-only" onClick={() => setKubeconfig(true)}>
					{t.useYourOwn}
				</button>
				<button type="button" className="button plain" disabled={!idle} onClick={() => setAsking(true)}>
					{job === 'reset' ? t.startingOver : t.startOver}
				</button>
				<button
					type="button"
					className="button plain"
					disabled={!idle || !hasVerdict}
					title={hasVerdict ? undefined : t.checkYourWork}
					onClick={() => run('submit')}
				>
					{job === 'submit' ? t.submitting : t.submit}
				</button>
				<button type="button" className="button" disabled={!idle} onClick={() => run('check')}>
					{job === 'check' ? t.checking : t.checkMyWork}
				</button>
			</div>
			<Confirm open={asking} title={t.startThisLab} action={t.startOver} onClose={() => setAsking(false)} onConfirm={() => void runJob(client, 'reset')}>
				<p>{t.yourClusterFiles}</p>
				<p className="quiet small">{t.thePresentState}</p>
			</Confirm>
			<Kubeconfig open={kubeconfig} onClose={() => setKubeconfig(false)} />
		</header>
	);
}
