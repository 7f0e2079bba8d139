/** One address for each kind of page that the build makes, and what stands there once the mock's data is drawn. */
export interface PageKind {
	readonly path: string;
	/** Stands there once what the server knows is drawn; absent on pages that are only read. */
	readonly drawn?: string;
}

export const KINDS: readonly PageKind[] = [
	{ path: '/', drawn: '#who a' },
	{ path: '/ko/', drawn: '#who a' },
	{ path: '/track/', drawn: '#who a' },
	{ path: '/track/month-2/', drawn: 'text=1 of 4 tasks done' },
	{ path: '/track/month-1/processes/', drawn: '#who a' },
	{ path: '/glossary/' },
	{ path: '/labs/', drawn: 'text=1 of 4 tasks done' },
	{ path: '/labs/three-tiers/', drawn: '.lab-bar' },
	{ path: '/plan/', drawn: 'text=You have no plan yet.' },
	{ path: '/plan/role/', drawn: '#who a' },
	{ path: '/portfolio/', drawn: '#ev-2' },
	{ path: '/portfolio/verify/', drawn: 'text=This server’s key' },
	{ path: '/portfolio/write/', drawn: 'text=A postmortem of the mock' },
	{ path: '/portfolio/write/edit/?d=d1', drawn: '#parts textarea' },
	{ path: '/rubric/', drawn: '#radar svg' },
	{ path: '/rubric/exercises/rfc-discussion/', drawn: 'text=No round yet.' },
	{ path: '/market/', drawn: 'text=No listing yet.' },
	{ path: '/market/abroad/', drawn: '#who a' },
	{ path: '/submissions/', drawn: '#submissions a.title' },
	{ path: '/submissions/new/', drawn: '#who a' },
	{ path: '/submissions/view/?s=s1', drawn: 'text=One thing is missing.' },
	{ path: '/mentor/', drawn: 'text=Mina Larsson' },
	{ path: '/mentor/cohort/?c=c1', drawn: 'text=Who waits' },
	{ path: '/mentor/comments/', drawn: 'text=Give the rollout a readiness probe.' },
	{ path: '/mentor/review/?s=s2', drawn: '#panel textarea' },
	{ path: '/account/', drawn: '#account section' },
	{ path: '/join/#a-code-of-an-invitation', drawn: '#join button' },
	{ path: '/admin/', drawn: 'text=Leopold' },
	{ path: '/help/' },
	{ path: '/no-such-page/' },
];
