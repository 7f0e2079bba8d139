import type { DocumentContent } from '../../protocol/documents.ts';

export const excellentRfc: DocumentContent = {
	title: 'One way to hand secrets to services',
	texts: {
		summary:
			'Services take their credentials from the vault through one controller that writes them into the cluster, in place of the four ways that teams use today. Teams declare what they need in a file beside their chart.',
		motivation:
			'Nineteen teams keep credentials in four different ways. In the last quarter 11 tickets were about rotations that nobody had told the services of, and a scan found 23 credentials in repositories. A rotation takes 3 days on average, most of it waiting.',
		proposal:
			'A controller reads `SecretRequest` objects and keeps a Secret of the same name up to date from the vault. Teams add one object a credential to their chart; the chart library has a helper for it. Rotation happens in the vault, and the controller restarts what mounts the Secret when its owner asked for that in the object. The platform team runs the controller and answers for its availability of 99.9 %.',
		compatibility:
			'Secrets that exist keep working, and charts that mount them stay unchanged, since the names are the same. What breaks is direct access to the vault with shared tokens: those teams have to move before the tokens end.',
		rollout:
			'The order is:\n- Two services of the platform team, for two weeks.\n- Five teams that volunteered, once no request was older than 60 s for a week.\n- Everyone else by team, after the first five have signed off.\n\nThe way back at each step is to remove the object: the Secret stays, so a team can revert within 5 min.',
		metrics: 'Credentials in repositories fall from 23 to 0 services, and a rotation takes 10 min instead of 3 days, both by the end of June.',
		migration:
			'Each team gets a pull request with its objects written out. The shared tokens are read-only from 2027-05-01 and end on 2027-06-30; whoever still uses one is named in the weekly report.',
		risk: 'The controller may be down while a credential is rotated. Services then go on with the old one, which the vault keeps valid for 24 h, and on-call is paged after 10 min.',
		owner: 'Lead of the platform team',
	},
	timeline: [],
	actions: [],
	options: [
		{ name: 'Do nothing', cost: '11 tickets', latency: '3 days', risk: 'The next scan finds more of them', source: 'ticket report of the quarter' },
		{ name: 'Sidecar in every pod', cost: '40 pods', latency: '1 min', risk: 'Each team has to run one more container', source: 'trial in staging' },
	],
};
