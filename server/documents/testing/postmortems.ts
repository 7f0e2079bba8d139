/** Postmortems of one recorded incident, from excellent to empty, and some that try to look better than they are. */
import type { DocumentContent, FactEvent } from '../../protocol/documents.ts';
import type { Facts } from '../facts.ts';

const day = '2026-11-12';
const event = (id: string, time: string, what: string, type: FactEvent['type']): FactEvent => ({ id: `ev-7/${id}`, at: `${day}T${time}.000Z`, what, type });

export const brief =
	'The notes service answers at notes.foothold.test. Since this morning writers complain that saving a note fails now and then. Find out what is going on, bring the service back for its users, and write down what you saw while you were at it. ' +
	'The API runs two replicas behind the ingress and keeps its notes in a database; the cache in front of it was enlarged in the last release. You may look at everything, and change what you need to change in the namespace notes.';

export const facts: Facts = {
	events: [
		event('deploy', '09:58:10', 'Deployment api rolled out image notes-api:1.8.0', 'start'),
		event('oom', '10:02:04', 'Container api of pod api-6f7 OOMKilled (limit 128Mi)', 'start'),
		event('alert', '10:09:30', 'Alert NotesErrorRate firing: 7 % of requests answered 502', 'detect'),
		event('logs', '10:14:02', 'kubectl describe pod shows last state OOMKilled', 'action'),
		event('patch', '10:21:40', 'kubectl set resources deployment/api memory limit 256Mi', 'mitigated'),
		event('ok', '10:31:05', 'Alert NotesErrorRate resolved; error rate 0 %', 'resolved'),
	],
	fault: { components: ['deployment/api', 'deploy/api'], mechanisms: ['memory-limit'] },
	impact: { minutes: 19.6, failedRequests: 1430 },
	others: [{ name: 'the lab “Notes in trouble”', text: brief }],
};

export const excellent: DocumentContent = {
	title: 'Saving notes failed after release 1.8.0',
	texts: {
		summary:
			'From 10:02 to 10:21 UTC about 7 % of requests to the notes API failed. Release 1.8.0 keeps a larger cache than the container’s memory limit allows, so the kernel killed it under load. Raising the limit to 256Mi ended the failures.',
		impact:
			'Writers and readers saw 1,430 failed requests of 20,400 in 20 minutes (7 %), all of them answers with status 502. No note was lost: every saved note was read back afterwards by 3 users who had complained.',
		component: 'deployment/api',
		mechanism: 'memory-limit',
		cause:
			'Each container of `api` has a memory limit of 128Mi. Release 1.8.0 fills a cache of up to 150 MB as notes are read, so after roughly four minutes of traffic the working set crossed the limit and the kernel ended the process (OOMKilled, exit code 137). While one replica restarted, the ingress still held its address for a few seconds and answered 502.',
		trigger: 'The rollout of image notes-api:1.8.0 at 09:58, which was the first version with the new default for the cache.',
		condition:
			'No load test runs before a release, so nothing exercised the cache at its full size. The limit was a default of the chart that had never been measured, and there was no alert on container restarts.',
		detection:
			'The alert NotesErrorRate came first, seven minutes after the first kill, because its window is five minutes long. An alert on OOMKilled restarts would have fired within 1 min.',
		mitigation:
			'At 10:21 the memory limit of the deployment was raised to 256Mi with `kubectl set resources`. Restarts stopped with the next rollout, and the error rate on the dashboard fell to 0 % and stayed there for ten minutes before the alert was resolved.',
		prevention:
			'The pipeline will run ten minutes of recorded traffic against every release and refuse it when a container passes 80 % of its limit. The chart takes the size of the cache from the limit instead of a constant, so that the two cannot drift apart again.',
		lessons:
			'The rollback script and the dashboard worked well: both were found within a minute from the runbook. It went badly that restarts were visible for minutes and told nobody. We were lucky that the database keeps notes by itself; had the cache been written back late, those minutes would have cost data.',
	},
	timeline: [
		{ at: `${day}T09:58:10`, what: 'Image notes-api:1.8.0 rolled out', type: 'action', source: 'ev-7/deploy' },
		{ at: `${day}T10:02`, what: 'First container OOMKilled at its limit of 128Mi', type: 'start', source: 'ev-7/oom' },
		{ at: `${day}T10:09:30`, what: 'Alert NotesErrorRate fires at 7 %', type: 'detect', source: 'ev-7/alert' },
		{ at: `${day}T10:14`, what: 'describe shows OOMKilled as last state', type: 'action', source: 'ev-7/logs' },
		{ at: `${day}T10:21:40`, what: 'Memory limit of the deployment raised to 256Mi', type: 'mitigated', source: 'ev-7/patch' },
		{ at: `${day}T10:31`, what: 'Alert resolved, error rate 0 %', type: 'resolved', source: 'ev-7/ok' },
	],
	actions: [
		{
			what: 'Add a load test with recorded traffic to the release pipeline',
			owner: 'API team',
			due: '2026-12-04',
			type: 'prevent',
			verify: 'The pipeline fails a release whose container passes 80 % of its limit',
		},
		{
			what: 'Derive the cache size in the chart from the memory limit',
			owner: 'Platform',
			due: '2026-11-27',
			type: 'prevent',
			verify: 'A template test rejects a cache above 60 % of the limit',
		},
		{
			what: 'Alert on OOMKilled restarts of any container in notes',
			owner: 'On-call lead',
			due: '2026-11-20',
			type: 'detect',
			verify: 'A drill that kills a container is paged within 1 min',
		},
		{
			what: 'Raise the replicas of the API from two to three',
			owner: 'API team',
			due: '2026-11-20',
			type: 'mitigate',
			verify: 'Killing one pod under load gives 0 % errors',
		},
	],
	options: [],
	attempt: 'ev-7',
};

const withTexts = (base: DocumentContent, texts: Readonly<Record<string, string>>): DocumentContent => ({ ...base, texts: { ...base.texts, ...texts } });

/** True as far as it goes: half of the timeline without sources, two good actions, thin lessons. */
export const middling: DocumentContent = {
	...withTexts(excellent, {
		impact: 'Writers of notes saw errors for 20 minutes, in about 7 % of what they sent, mostly answers with status 502.',
		condition: 'There was no load test before the release, so nobody saw the larger cache at work.',
		lessons:
			'We learned that a limit has to be measured and that restarts have to be seen. The dashboard worked well and showed the error rate to everyone who looked at it.',
		trigger: 'Release 1.8.0 at 09:58.',
		detection: 'The alert on the error rate came first; an alert on restarts would have been earlier by minutes.',
	}),
	timeline: excellent.timeline.map((row, i) => ({
		...row,
		...(i < 2 ? { source: 'dashboard' } : {}),
		...(i === 3 ? { what: 'The pods were looked at more closely', at: `${day}T10:17` } : {}),
	})),
	actions: [
		...excellent.actions.slice(0, 2),
		{ what: 'Improve monitoring', owner: 'API team', due: '2026-12-01', type: 'detect', verify: 'It is better' },
		{ what: 'Be more careful with limits', owner: '', due: '', type: 'prevent', verify: '' },
	],
};

/** Honest, complete, and about the wrong thing. */
export const wrongCause = withTexts(excellent, {
	component: 'statefulset/db',
	mechanism: 'dependency-slow',
	summary:
		'From 10:02 to 10:21 UTC about 7 % of requests to the notes API failed. The database answered slowly under the load of the new release, and the API has no timeout for it. Restarting the containers with more memory ended the failures.',
	cause:
		'The database `db` became slow after the release, because the new version asks it for whole notes where the old one asked for titles. The API waits for its dependency without a timeout, so requests piled up until containers died and the ingress answered 502 while they came back.',
});

/** All the words that a good one would have, and no sentence. */
export const stuffed: DocumentContent = {
	title: 'OOMKilled incident postmortem root cause memory limit',
	texts: {
		summary:
			'Outage incident root cause OOMKilled memory limit CPU throttling readiness probe liveness probe timeout DNS network policy rollback mitigation prevention detection alert dashboard SLO error budget customers impact duration minutes.',
		impact:
			'Impact 1430 requests failed 20 minutes customers users tenants 7 % errors 502 severity high SLO error budget burn revenue tickets pages alerts teams.',
		component: 'deployment/api',
		mechanism: 'memory-limit',
		cause:
			'Root cause api memory limit OOMKilled exit code 137 CPU throttling readiness probe liveness probe image tag selector label port policy DNS certificate quota volume replica autoscaler rollout node timeout schema release api container kernel cgroup eviction.',
		trigger: 'Deploy release rollout change config image version trigger event traffic.',
		condition: 'Missing test missing alert missing limit weak default no runbook no canary no review no monitoring no staging contributing factors conditions.',
		detection: 'Alert monitoring dashboard Prometheus Grafana paging on-call time to detect halve 5 min threshold SLI SLO burn rate.',
		mitigation:
			'Mitigation rollback restart scale memory limit increase kubectl apply patch rollout undo traffic shift failover recovery verify dashboard error rate zero resolved.',
		prevention:
			'Prevention automation guardrails policy limit range load test canary progressive delivery admission policy default alert runbook training review chaos drill capacity planning autoscaling budget.',
		lessons:
			'Lessons learned went well communication lucky traffic low went wrong monitoring alerting testing capacity documentation ownership runbook automation culture blameless improvement follow-up.',
	},
	timeline: excellent.timeline.map((row, i) => ({ ...row, at: `${day}T1${i}:00`, what: 'OOMKilled alert memory limit deployment rollout' })),
	actions: [
		{ what: 'Monitoring alert automation prevention', owner: 'team', due: 'soon', type: 'prevent', verify: 'done' },
		{ what: 'Improve detection alerting dashboards SLO', owner: 'team', due: 'soon', type: 'detect', verify: 'better' },
	],
	options: [],
	attempt: 'ev-7',
};

/** The lab's own words, part by part. */
export const copied: DocumentContent = {
	...excellent,
	texts: { ...Object.fromEntries(Object.keys(excellent.texts).map((part) => [part, brief])), component: 'deployment/api', mechanism: 'memory-limit' },
};

export const empty: DocumentContent = { title: '', texts: {}, timeline: [], actions: [], options: [] };

/** One keyword heap dressed up with a few articles. */
export const keywordSoup = withTexts(stuffed, {
	cause: `The api memory OOMKilled, the CPU throttling, the readiness, the liveness, the image, the selector, the port, the policy, the DNS, the ingress, the certificate, the configmap, the secret, the RBAC, the quota, the disk, the volume, the replica, the autoscaler, the rollout, the node and the timeout were all involved in this api incident in some way.`,
});

/** Blame in words that a short list of bad words does not hold. */
export const thesaurusBlame = withTexts(excellent, {
	cause: `${excellent.texts['cause']} The heedless developer bungled the size of the cache, which was slipshod work.`,
	condition: `${excellent.texts['condition']} Marta neglected the review, and @jo-dev overlooked the chart.`,
	lessons: `${excellent.texts['lessons']} This was the release engineer’s blunder.`,
});

/** Nobody can object to any of it, and none of it can be looked up. */
const air =
	'It is important to note that reliability plays a key role in everything that we do, and that the people who depend on us expect a seamless experience. At the end of the day, a holistic view of the platform is what lets a team grow, and going forward we want to follow best practices in all that we build together.';
const more = [
	'Systems are made of many moving parts, and as we all know each of those can behave in ways that one would not expect when one looks at it alone.',
	'When all is said and done the way in which a team talks about what happened says more about it than the thing that happened, and that is worth a thought.',
	'A proactive approach would have been welcome, since it goes without saying that being early is better than being late in nearly every walk of life.',
	'Needless to say there were learnings for everyone, and sharing those with a wide range of people is how an organisation becomes what it wants to be.',
	'Continuous improvement is a journey that has no end, which is why the robust and scalable ways of working that were chosen will be looked at again.',
];
export const longFiller = withTexts(excellent, {
	...Object.fromEntries(
		['summary', 'impact', 'condition', 'detection', 'mitigation', 'prevention', 'lessons'].map((part, i) => [
			part,
			`${more[i % more.length]} ${i % 2 === 0 ? air : ''} ${more[(i + 2) % more.length]} Seen from ${part}, this holds as well.`,
		]),
	),
});
