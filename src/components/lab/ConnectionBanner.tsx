import { Sentence } from './parts/Sentence.tsx';
import { useEffect, useState } from 'react';
import { useLab, useLabState } from './context.ts';
import { fillIn } from '../../lib/i18n/fill-in.ts';
import { t } from './page-words.ts';

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
						{t.dismiss}
					</button>
				</p>
			)}
			{connection.state === 'waiting' && (
				<p className="banner warn">
					<span>
						<Sentence
							text={problem ? t.waitAgain : everOpen ? t.connectionLostWait : t.serverSilentWait}
							values={{ time: <Countdown until={connection.retryAt} /> }}
						/>
					</span>
					<button type="button" className="button plain tiny" onClick={client.retryNow}>
						{t.tryNow}
					</button>
				</p>
			)}
			{tabs > 1 && connection.state === 'open' && <p className="banner">{fillIn(t.thisLabIs, { tabs })}</p>}
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
