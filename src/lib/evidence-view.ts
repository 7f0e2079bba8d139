import type { VerdictCheck } from '../../server/protocol/lab.ts';
import type { Evidence } from '../../server/protocol/progress.ts';
import { clock } from './asciicast.ts';
import { confirmationView } from './confirmation.ts';
import { fill, h } from './dom.ts';
import { fillIn } from './i18n/fill-in.ts';
import { wordsOf } from './i18n/words-of.ts';
import { recordingTitle } from './recording-title.ts';
import { OUTCOMES } from './outcomes.ts';

const t = wordsOf('evidence');

/** The whole of one piece of evidence: what was checked, what was handed in, and the digest over both. */
export function evidenceBody(evidence: Evidence): HTMLElement[] {
	const { verdict, files } = evidence;
	const about = fillIn(t.about, {
		when: new Date(verdict.gradedAt).toLocaleString(),
		provider: verdict.provider,
		grader: verdict.graderVersion,
		seed: verdict.seed,
	});
	return [
		mentorPart(evidence),
		h('p', { class: 'small quiet' }, about, verdict.capped && ` ${t.capped}`),
		h('div', {}, h('h3', {}, t.verdict), h('ul', { class: 'evidence-checks' }, ...verdict.checks.map(checkRow))),
		h('div', { class: 'evidence-files' }, h('h3', {}, t.files), fileList(files)),
		...recordingList(evidence),
		h('p', { class: 'small quiet digest' }, evidence.recordings === undefined ? t.digestOver : t.digestOverAll, ' ', h('code', {}, evidence.digest)),
	];
}

/** Who confirmed it, or the way to somebody who might. */
function mentorPart({ id, confirmed }: Evidence): HTMLElement {
	if (confirmed === undefined)
		return h('p', { class: 'small no-print' }, h('a', { href: `/submissions/new/?kind=lab&of=${encodeURIComponent(id)}` }, t.sendIt));
	return confirmationView(confirmed);
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
	return [fillIn(t.expected, { what: check.expected ?? t.notSaid }), fillIn(t.seen, { what: check.seen ?? t.notSaid })];
}

/** Recordings of the terminals; the player's code comes when one is opened. */
function recordingList({ id, recordings = [] }: Evidence): HTMLElement[] {
	if (recordings.length === 0) return [];
	const items = recordings.map(({ name, seconds, commands }) => {
		const address = `/api/evidence/${encodeURIComponent(id)}/recordings/${encodeURIComponent(name)}.cast`;
		const place = h('div', { class: 'evidence-recording' });
		const about = `${recordingTitle(name)}, ${clock(seconds)}, ${commands === 1 ? t.commandOne : fillIn(t.commands, { n: commands })}`;
		const details = h('details', {}, h('summary', {}, about), place);
		details.addEventListener('toggle', () => {
			if (!details.open || details.dataset['loaded']) return;
			details.dataset['loaded'] = 'yes';
			import('../components/recording/mount.tsx').then(
				({ mountRecording }) => mountRecording(place, { recordingUrl: address }),
				(error: unknown) => fill(place, h('p', { class: 'notice warn', role: 'alert' }, fillIn(t.playerFailed, { why: String(error) }))),
			);
		});
		return h('li', {}, details);
	});
	return [h('div', { class: 'evidence-files' }, h('h3', {}, t.recordings), h('ul', {}, ...items))];
}

function fileList(files: Evidence['files']): HTMLElement {
	const paths = Object.keys(files).sort();
	if (paths.length === 0) return h('p', { class: 'small quiet' }, t.noFiles);
	return h(
		'ul',
		{},
		...paths.map((path) =>
			h('li', {}, h('details', {}, h('summary', {}, path), h('pre', { tabindex: '0', 'aria-label': fillIn(t.textOf, { path }) }, files[path]))),
		),
	);
}
