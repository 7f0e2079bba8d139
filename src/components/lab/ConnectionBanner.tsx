import { useEffect, useState } from 'react';
import { useLab, useLabState } from './context.ts';

/** Quiet while all is well; says what is wrong and what happens next when it is not. */
export function ConnectionBanner() {
	const { client } = useLab();
	const connection = useLabState((state) => state.connection);
	const problem = useLabState((state) => state.problem);
	const tabs = useLabState((state) => state.tabs);
	const [everOpen, setEverOpen] = useState(false);
	useEffect(() => {
		if (connection.state === 'open') setEverOpen(true);
	}, [connection]);
	return (
		<div className="banners" role="status">
			{problem && (
				<p className="banner fail">
					<span>
						<strong>{problem.message}</strong> {problem.next}
					</span>
					<button type="button" className="button plain tiny" onClick={() => client.store.dispatch({ type: 'dismiss' })}>
						Dismiss
					</button>
				</p>
			)}
			{connection.state === 'waiting' && (
				<p className="banner warn">
					<span>
						{problem ? '' : everOpen ? 'The connection is lost. ' : 'The server does not answer. '}
						Trying again in <Countdown until={connection.retryAt} />. Your work is kept on the server.
					</span>
					<button type="button" className="button plain tiny" onClick={client.retryNow}>
						Try now
					</button>
				</p>
			)}
			{tabs > 1 && connection.state === 'open' && (
				<p className="banner">This lab is open in {tabs} tabs. All of them show the same cluster, files and terminals.</p>
			)}
		</div>
	);
}

function Countdown({ until }: { readonly until: number }) {
	const [now, setNow] = useState(Date.now);
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), 500);
		return () => clearInterval(timer);
	}, []);
	return <span aria-hidden="true">{Math.max(0, Math.ceil((until - now) / 1000))} s</span>;
}
