/** The kinds of documents and their parts: words that the editor shows and that Markdown headings carry. Plain data, without zod: the site ships it. */

export type DocumentKind = 'postmortem' | 'decision-memo' | 'rfc';

/** `text`: Markdown; `line`: one line; `date`: YYYY-MM-DD; `mechanism`: one of MECHANISMS; `option`: the name of an option; the rest are tables. */
export type PartForm = 'text' | 'line' | 'date' | 'mechanism' | 'option' | 'timeline' | 'actions' | 'options';

export interface Part {
	readonly id: string;
	readonly title: string;
	readonly hint: string;
	readonly form: PartForm;
	/** Words that this part needs at least; absent where a blank is allowed. */
	readonly words?: number;
}

export interface KindShape {
	readonly title: string;
	readonly about: string;
	/** The deliverable of the portfolio that it usually fills. */
	readonly deliverable: string;
	readonly parts: readonly Part[];
}

const postmortem: readonly Part[] = [
	{ id: 'summary', title: 'Summary', form: 'text', words: 20, hint: 'Five sentences at most: what failed, for whom, for how long, why, and how it ended.' },
	{ id: 'impact', title: 'Impact', form: 'text', words: 15, hint: 'How many of what, in which time, and who noticed. Figures with units.' },
	{ id: 'timeline', title: 'Timeline', form: 'timeline', hint: 'Facts only, in UTC. Start before the trouble; give each row where it can be looked up.' },
	{ id: 'component', title: 'Component', form: 'line', words: 1, hint: 'The object at fault, as kind/name: deployment/api.' },
	{ id: 'mechanism', title: 'Mechanism', form: 'mechanism', words: 1, hint: 'What was wrong with it.' },
	{ id: 'cause', title: 'Cause', form: 'text', words: 25, hint: 'How the fault led to the impact, step by step, naming the component.' },
	{ id: 'trigger', title: 'Trigger', form: 'text', words: 3, hint: 'The change or event that set it off, which is not the cause.' },
	{ id: 'condition', title: 'Contributing conditions', form: 'text', words: 12, hint: 'What let it through: a missing test, alert or limit, a weak default.' },
	{ id: 'detection', title: 'Detection', form: 'text', words: 12, hint: 'Which signal came first, and what would have halved the time to it.' },
	{ id: 'mitigation', title: 'Mitigation', form: 'text', words: 20, hint: 'What ended the impact, and how you saw that it had ended.' },
	{
		id: 'prevention',
		title: 'Prevention',
		form: 'text',
		words: 25,
		hint: 'Which default, automation or limit changes, so that the class of fault cannot pass.',
	},
	{ id: 'actions', title: 'Action items', form: 'actions', hint: 'Begin with a verb; say who, by when, and how anyone can tell that it is done.' },
	{ id: 'lessons', title: 'Lessons learned', form: 'text', words: 25, hint: 'What went well, what went wrong, and where you were lucky.' },
];

const memo: readonly Part[] = [
	{ id: 'context', title: 'Context and problem', form: 'text', words: 25, hint: 'What has to be decided, why now, and under which load and budget.' },
	{ id: 'drivers', title: 'Decision drivers', form: 'text', words: 8, hint: 'One a line, as a list: what the decision is measured by, with its limit.' },
	{
		id: 'options',
		title: 'Considered options',
		form: 'options',
		hint: 'Three or more, among them doing nothing; every row for every option, in the same units.',
	},
	{ id: 'chosen', title: 'Chosen option', form: 'option', words: 1, hint: 'One of the options above.' },
	{ id: 'decision', title: 'Decision outcome', form: 'text', words: 25, hint: 'Chosen because of which driver, by which figure.' },
	{ id: 'consequences', title: 'Consequences', form: 'text', words: 20, hint: 'Good and bad; the bad ones with a figure, too.' },
	{ id: 'risk', title: 'Risk accepted', form: 'text', words: 12, hint: 'What may go wrong, how likely, and what it would cost.' },
	{ id: 'owner', title: 'Risk owner', form: 'line', words: 1, hint: 'The role that carries the risk.' },
	{ id: 'revisit', title: 'Revisit on', form: 'date', words: 1, hint: 'When the decision is looked at again.' },
	{ id: 'confirmation', title: 'Confirmation', form: 'text', words: 10, hint: 'Which metric, crossing which threshold, would show that it was wrong.' },
];

const rfc: readonly Part[] = [
	{ id: 'summary', title: 'Summary', form: 'text', words: 20, hint: 'The proposal in a paragraph.' },
	{ id: 'motivation', title: 'Motivation', form: 'text', words: 25, hint: 'Who has which problem, how often, and what it costs them.' },
	{ id: 'proposal', title: 'Proposal', form: 'text', words: 40, hint: 'What changes, for whom, and how they use it.' },
	{ id: 'options', title: 'Alternatives', form: 'options', hint: 'What else would do, among it doing nothing, and what each costs.' },
	{ id: 'compatibility', title: 'Backward compatibility', form: 'text', words: 15, hint: 'What keeps working, what breaks, and who has to act.' },
	{ id: 'rollout', title: 'Rollout and rollback', form: 'text', words: 25, hint: 'Steps as a list, with what each waits for, and the way back.' },
	{ id: 'metrics', title: 'Success metrics', form: 'text', words: 10, hint: 'Figures with units, from what to what, by when.' },
	{ id: 'migration', title: 'Migration and deprecation', form: 'text', words: 15, hint: 'How those on the old way move, and the date on which it ends.' },
	{ id: 'risk', title: 'Risks', form: 'text', words: 12, hint: 'What may go wrong and what you would do.' },
	{ id: 'owner', title: 'Owner', form: 'line', words: 1, hint: 'The role that sees it through.' },
];

export const KIND_SHAPES: Readonly<Record<DocumentKind, KindShape>> = {
	postmortem: {
		title: 'Postmortem',
		about: 'What happened, why, what ended it, and what changes so that it does not come back.',
		deliverable: 'postmortems',
		parts: postmortem,
	},
	'decision-memo': {
		title: 'Decision memo',
		about: 'One decision: the options side by side with cost and latency, and the risk accepted.',
		deliverable: 'decision-memos',
		parts: memo,
	},
	rfc: {
		title: 'RFC',
		about: 'A change that others have to live with: proposal, rollout, way back, and how success is seen.',
		deliverable: 'decision-memos',
		parts: rfc,
	},
};

export const TIMELINE_TYPES = ['start', 'detect', 'action', 'mitigated', 'resolved'] as const;
export const ACTION_TYPES = ['prevent', 'mitigate', 'detect'] as const;

/** What can be wrong with a component; `words` are what an explanation of it would use. A closed list with near misses: choosing is telling. */
export const MECHANISMS: readonly { readonly id: string; readonly title: string; readonly words: readonly string[] }[] = [
	{ id: 'memory-limit', title: 'Memory limit too low: killed by the kernel', words: ['memory', 'oom', 'oomkilled'] },
	{ id: 'memory-leak', title: 'Memory grows without end', words: ['leak', 'memory'] },
	{ id: 'cpu-limit', title: 'CPU limit too low: throttled', words: ['cpu', 'throttl'] },
	{ id: 'requests-missing', title: 'Requests missing or too low: node overcommitted', words: ['request', 'overcommit'] },
	{ id: 'requests-unschedulable', title: 'Requests that no node can hold', words: ['request', 'schedul', 'pending'] },
	{ id: 'taint', title: 'Taint without toleration', words: ['taint', 'toleration'] },
	{ id: 'affinity', title: 'Affinity or selector that no node meets', words: ['affinity', 'selector'] },
	{ id: 'readiness-missing', title: 'No readiness probe: traffic before it is ready', words: ['readiness', 'ready'] },
	{ id: 'readiness-wrong', title: 'Readiness probe asks the wrong thing', words: ['readiness'] },
	{ id: 'liveness-wrong', title: 'Liveness probe restarts what works', words: ['liveness'] },
	{ id: 'image-missing', title: 'Image or tag does not exist', words: ['image', 'tag'] },
	{ id: 'image-secret', title: 'Pull secret missing or stale', words: ['pull', 'secret'] },
	{ id: 'selector-mismatch', title: 'Service selects no pod, or the wrong ones', words: ['selector', 'label'] },
	{ id: 'port-wrong', title: 'Port and target port do not meet', words: ['port'] },
	{ id: 'network-policy', title: 'Network policy blocks what is needed', words: ['policy', 'block', 'denied'] },
	{ id: 'dns', title: 'Name does not resolve', words: ['dns', 'resolv'] },
	{ id: 'ingress-route', title: 'Ingress routes to the wrong place', words: ['ingress', 'route', 'path'] },
	{ id: 'tls-expired', title: 'Certificate expired or of another name', words: ['certificate', 'tls'] },
	{ id: 'config-value', title: 'Wrong value in a ConfigMap', words: ['configmap', 'config', 'value'] },
	{ id: 'secret-value', title: 'Wrong or rotated credential', words: ['secret', 'credential', 'password'] },
	{ id: 'rbac', title: 'Permission missing', words: ['rbac', 'permission', 'forbidden'] },
	{ id: 'quota', title: 'Quota used up', words: ['quota'] },
	{ id: 'volume-full', title: 'Volume full', words: ['disk', 'volume', 'full'] },
	{ id: 'volume-unbound', title: 'Volume cannot be bound or mounted', words: ['volume', 'claim', 'mount'] },
	{ id: 'data-lost', title: 'Data on a volume that does not last', words: ['emptydir', 'volume', 'lost'] },
	{ id: 'replicas', title: 'Too few replicas for a disruption', words: ['replica', 'single'] },
	{ id: 'autoscaler', title: 'Autoscaler without metrics or at its ceiling', words: ['autoscal', 'hpa', 'maximum'] },
	{ id: 'rollout', title: 'Rollout takes more away than it may', words: ['rollout', 'unavailable', 'surge'] },
	{ id: 'node-lost', title: 'Node lost or not ready', words: ['node'] },
	{ id: 'dependency-slow', title: 'Dependency slow or down, without timeout', words: ['timeout', 'dependency', 'slow'] },
	{ id: 'migration', title: 'Schema and code out of step', words: ['schema', 'migration'] },
	{ id: 'code-defect', title: 'Defect in a release', words: ['release', 'defect', 'bug', 'version'] },
	{ id: 'gpu-memory', title: 'GPU memory or cache used up', words: ['gpu', 'cache', 'memory'] },
	{ id: 'gpu-missing', title: 'No GPU offered: driver or plugin', words: ['gpu', 'driver', 'plugin'] },
	{ id: 'rate-limit', title: 'Limit on requests hit', words: ['rate', '429', 'limit'] },
];
