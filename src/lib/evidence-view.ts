import type { VerdictCheck } from '../../server/protocol/lab.ts';
import type { Evidence } from '../../server/protocol/progress.ts';
import { clock } from './asciicast.ts';
import { fill, h } from './dom.ts';
import { recordingTitle } from './recording-title.ts';
import { OUTCOMES } from './outcomes.ts';

/** The whole of one piece of evidence: what was checked, what was handed in, and the digest over both. */
export function evidenceBody(evidence: Evidence): HTMLElement[] {
	const { verdict, files } = evidence;
	const about = `Graded ${new Date(verdict.gradedAt).toLocaleString()} on the ${verdict.provider} provider, grader ${verdict.graderVersion}, seed ${verdict.seed}.`;
	return [
		mentorPart(evidence),
		h('p', { class: 'small quiet' }, about, verdict.capped && ' A critical check failed and held the score down.'),
		h('div', {}, h('h3', {}, 'Verdict'), h('ul', { class: 'evidence-checks' }, ...verdict.checks.map(checkRow))),
		h('div', { class: 'evidence-files' }, h('h3', {}, 'Files as submitted'), fileList(files)),
		...recordingList(evidence),
		h(
			'p',
			{ class: 'small quiet digest' },
			`SHA-256 over verdict, files${evidence.recordings === undefined ? '' : ' and recordings'}: `,
			h('code', {}, evidence.digest),
		),
	];
}

/** Who confirmed it, or the way to somebody who might. */
function mentorPart({ id, confirmed }: Evidence): HTMLElement {
	if (confirmed === undefined)
		return h('p', { class: 'small no-print' }, h('a', { href: `/submissions/new/?kind=lab&of=${encodeURIComponent(id)}` }, 'Send it to a mentor'));
	const link = h('a', { href: `/submissions/view/?s=${encodeURIComponent(confirmed.submission)}` }, 'the review');
	return h(
		'p',
		{ class: 'small' },
		`Confirmed by ${confirmed.name} on ${new Date(confirmed.at).toLocaleDateString(undefined, { dateStyle: 'medium' })}: `,
		link,
	);
}

function checkRow(check: VerdictCheck): HTMLElement {
	const outcome = OUTCOMES[check.outcome];
	return h(
		'li',
		{},
		h('span', {}, h('span', { class: `badge ${outcome.tone}` }, `${outcome.mark} ${outcome.word}`)),
		h('span', {}, check.title),
		h('span', { class: 'points' }, `${check.earned}/${check.points}`),
		...words(check).map((text) => h('span', { class: 'seen' }, text)),
	);
}

function words(check: VerdictCheck): string[] {
	if (check.outcome !== 'fail') return [check.seen ?? check.reason].filter((text) => text !== undefined);
	return [`Expected: ${check.expected ?? 'not said'}`, `Seen: ${check.seen ?? 'not said'}`];
}

/** Recordings of the terminals; the player's code comes when one is opened. */
function recordingList({ id, recordings = [] }: Evidence): HTMLElement[] {
	if (recordings.length === 0) return [];
	const items = recordings.map(({ name, seconds, commands }) => {
		const address = `/api/evidence/${encodeURIComponent(id)}/recordings/${encodeURIComponent(name)}.cast`;
		const place = h('div', { class: 'evidence-recording' });
		const about = `${recordingTitle(name)}, ${clock(seconds)}, ${commands === 1 ? 'one command' : `${commands} commands`}`;
		const details = h('details', {}, h('summary', {}, about), place);
		details.addEventListener('toggle', () => {
			if (!details.open || details.dataset['loaded']) return;
			details.dataset['loaded'] = 'yes';
			import('../components/recording/mount.tsx').then(
				({ mountRecording }) => mountRecording(place, { recordingUrl: address }),
				(error: unknown) => fill(place, h('p', { class: 'notice warn', role: 'alert' }, `The player could not be loaded: ${String(error)}`)),
			);
		});
		return h('li', {}, details);
	});
	return [h('div', { class: 'evidence-files' }, h('h3', {}, 'Recordings of the terminals'), h('ul', {}, ...items))];
}

function fileList(files: Evidence['files']): HTMLElement {
	const paths = Object.keys(files).sort();
	if (paths.length === 0) return h('p', { class: 'small quiet' }, 'No files were in the home folder.');
	return h(
		'ul',
		{},
		...paths.map((path) => h('li', {}, h('details', {}, h('summary', {}, path), h('pre', { tabindex: '0', 'aria-label': `Text of ${path}` }, files[path])))),
	);
}
