import { useState } from 'react';
import { useLab, useLabState } from './context.ts';
import { runJob } from './jobs.ts';
import { Kubeconfig } from './Kubeconfig.tsx';
import { Confirm } from './parts/Confirm.tsx';

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
					Month {lab.month}
				</a>
				<h1>{lab.title}</h1>
				<p className="small quiet lab-done">
					{done} of {lab.tasks.length} tasks
				</p>
			</div>
			<div className="lab-actions">
				{canUndo && (
					<button type="button" className="button plain" disabled={!idle} onClick={() => void runJob(client, 'undo-reset')}>
						Take “Start over” back
					</button>
				)}
				<button type="button" className="button plain wide-only" onClick={() => setKubeconfig(true)}>
					Use your own kubectl
				</button>
				<button type="button" className="button plain" disabled={!idle} onClick={() => setAsking(true)}>
					{job === 'reset' ? 'Starting over…' : 'Start over'}
				</button>
				<button
					type="button"
					className="button plain"
					disabled={!idle || !hasVerdict}
					title={hasVerdict ? undefined : 'Check your work first'}
					onClick={() => run('submit')}
				>
					{job === 'submit' ? 'Submitting…' : 'Submit'}
				</button>
				<button type="button" className="button" disabled={!idle} onClick={() => run('check')}>
					{job === 'check' ? 'Checking…' : 'Check my work'}
				</button>
			</div>
			<Confirm open={asking} title="Start this lab over?" action="Start over" onClose={() => setAsking(false)} onConfirm={() => void runJob(client, 'reset')}>
				<p>Your cluster, files and terminals go back to how they were at the beginning. Evidence that you have submitted stays.</p>
				<p className="quiet small">The present state is put aside; you can take this back once.</p>
			</Confirm>
			<Kubeconfig open={kubeconfig} onClose={() => setKubeconfig(false)} />
		</header>
	);
}
