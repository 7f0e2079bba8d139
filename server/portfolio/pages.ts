/** The pages of an exported portfolio: one per piece, all readable without a server and without scripts but for the verifier. */
import type { WrittenEvidence } from '../protocol/documents.ts';
import type { Confirmation } from '../protocol/confirmation.ts';
import { attemptStandings, type Standing, writingStandings } from '../protocol/graded.ts';
import { type Contents, type Entry, entryStandings, type Group } from './contents.ts';
import { html, Markup } from './html.ts';
import { filled, WORDS } from './words.ts';

const day = (at: string): string => at.slice(0, 10);

/** A whole page. `depth`: folders between it and the root of the site. */
export function page(title: string, depth: number, body: Markup): string {
	const root = '../'.repeat(depth);
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="${root}style.css">
</head>
<body>
${body}
</body>
</html>
`.text;
}

const badgesOf = (standings: readonly Standing[]): Markup => html`${standings.map((one) => html`<span class="standing ${one}">${WORDS[one]}</span> `)}`;

const confirmedBy = (confirmed: Confirmation | undefined): Markup | false =>
	confirmed !== undefined && html`<p class="quiet">${filled(WORDS.confirmed, { name: confirmed.name || WORDS.goneMentor, day: day(confirmed.at) })}</p>`;

/** `at`: ISO time of the export. */
export function indexPage(contents: Contents, at: string): string {
	const { name, groups } = contents;
	const body = html`<header>
<h1>${filled(WORDS.title, { name })}</h1>
<p class="lead">${filled(WORDS.lead, { name })}</p>
<ul class="means"><li>${WORDS.gradedMeans}</li><li>${WORDS.confirmedMeans}</li><li>${WORDS.declaredMeans}</li></ul>
</header>
<main>
${groups.length === 0 && html`<p>${WORDS.empty}</p>`}
${groups.map(groupPart)}
</main>
<footer>
<p>${filled(WORDS.exported, { day: day(at) })} ${WORDS.leftOut}</p>
<p><a href="verify.html">${WORDS.verify}</a> · <a href="resume.json">${WORDS.resume}</a></p>
</footer>`;
	return page(filled(WORDS.title, { name }), 0, body);
}

function groupPart({ deliverable, entries, count }: Group): Markup {
	const target = deliverable.target === undefined ? undefined : filled(WORDS.toTarget, { count, target: deliverable.target, unit: deliverable.unit ?? '' });
	return html`<section>
<h2>${deliverable.title}</h2>
<p class="quiet">${deliverable.about}${target !== undefined && html` <strong>${target}</strong>`}</p>
<ul class="entries">
${entries.map((entry) => html`<li>${entryLine(entry)}</li>`)}
</ul>
</section>
`;
}

function entryLine(entry: Entry): Markup {
	const standing = badgesOf(entryStandings(entry));
	switch (entry.is) {
		case 'attempt': {
			const { evidence, lab } = entry;
			const line = filled(WORDS.attempt, { n: evidence.attempt, score: evidence.score, day: day(evidence.at) });
			return html`<a href="evidence/${evidence.id}/index.html">${lab.title}</a> ${standing}<br><span class="quiet">${line}</span>`;
		}
		case 'document':
			return html`<a href="documents/${entry.writing.id}/index.html">${entry.writing.title}</a> ${standing}<br><span class="quiet">${day(entry.at)}</span>`;
		case 'reviews': {
			const { reviews, learners, mentees, since, at } = entry.mentoring;
			const line = filled(WORDS.reviewsGiven, { reviews, learners, mentees, since: day(since), at: day(at) });
			return html`${WORDS.reviewsTitle} ${standing}<br><span class="quiet">${line}</span>`;
		}
		case 'link':
			return html`<a href="${entry.declared.url}" rel="noreferrer">${entry.declared.title}</a> ${standing}<br>${entry.declared.claim} <span class="quiet">${entry.declared.on}</span>${confirmedBy(entry.declared.confirmed)}`;
	}
}

export function attemptPage({ evidence, lab }: Extract<Entry, { is: 'attempt' }>): string {
	const rows = evidence.verdict.checks.map(
		(
			check,
		) => html`<tr><th scope="row">${check.title}</th><td>${check.outcome}</td><td>${check.earned} / ${check.points}</td><td>${check.seen ?? check.reason}</td></tr>
`,
	);
	const files = Object.entries(evidence.files).map(
		([path, text]) => html`<details><summary><code>${path}</code></summary><pre>${text}</pre></details>
`,
	);
	const body = html`<nav><a href="../../index.html">${WORDS.back}</a></nav>
<main>
<h1>${lab.title}</h1>
<p>${badgesOf(attemptStandings(evidence))}${filled(WORDS.attempt, { n: evidence.attempt, score: evidence.score, day: day(evidence.at) })}</p>
${confirmedBy(evidence.confirmed)}
<p class="lead">${lab.summary}</p>
<h2>${WORDS.badge}</h2>
<p><img src="badge.svg" alt="" width="150" height="150"></p>
<p><a href="badge.svg" download>${WORDS.badgePicture}</a> · <a href="badge.json" download>${WORDS.badgeData}</a> · <a href="../../verify.html">${WORDS.verify}</a></p>
<h2>${WORDS.verdict}</h2>
<div class="scroll"><table><thead><tr><th scope="col">${WORDS.check}</th><th scope="col">${WORDS.outcome}</th><th scope="col">${WORDS.points}</th><th scope="col">${WORDS.saw}</th></tr></thead><tbody>
${rows}</tbody></table></div>
<h2>${WORDS.files}</h2>
${files.length === 0 ? html`<p>${WORDS.noFiles}</p>` : files}
<p class="quiet">${WORDS.digest}: <code>${evidence.digest}</code></p>
</main>`;
	return page(lab.title, 2, body);
}

/** `text`: the document as sanitised markup. */
export function documentPage(writing: WrittenEvidence, text: string): string {
	const { grade, confirmed } = writing;
	const body = html`<nav><a href="../../index.html">${WORDS.back}</a></nav>
<main>
<p>${badgesOf(writingStandings(writing))}<span class="quiet">${day(writing.at)}</span></p>
${new Markup(text)}
<hr>
<p class="quiet">${filled(WORDS.grade, { score: grade.score, graded: grade.graded })}</p>
${confirmedBy(confirmed)}
<p class="quiet">${WORDS.documentDigest}: <code>${writing.digest}</code></p>
</main>`;
	return page(writing.title, 2, body);
}

export function verifyPage(): string {
	const body = html`<nav><a href="index.html">${WORDS.back}</a></nav>
<main>
<h1>${WORDS.verify}</h1>
<p class="lead">${WORDS.verifyLead}</p>
<noscript><p>${WORDS.verifyNoScript}</p></noscript>
<form id="verify">
<p><label>${WORDS.verifyFile} <input type="file" name="file" accept=".svg,.json,.jwt,.txt"></label></p>
<p><label>${WORDS.verifyText}<br><textarea name="text" rows="6" spellcheck="false"></textarea></label></p>
<p><button type="submit">${WORDS.verify}</button></p>
</form>
<div id="result" role="status"></div>
</main>
<script src="verify.js"></script>`;
	return page(WORDS.verify, 0, body);
}
