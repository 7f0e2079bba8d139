/** The script of an exported portfolio's verifier: the same functions as everywhere, by their text, since a page opened from a folder can load no module. */
import { badgeBytes, badgeFacts, readBadge, verifyBadge } from '../protocol/badge.ts';
import { WORDS } from './words.ts';

/** Runs in the page; everything it names stands above it in the script. */
async function answer(text: string, result: HTMLElement, words: typeof WORDS): Promise<void> {
	const line = (content: string, kind = ''): void => {
		const p = document.createElement('p');
		p.textContent = content;
		p.className = kind;
		result.append(p);
	};
	result.replaceChildren();
	const badge = readBadge(text);
	if (badge === undefined) return line(words.verifyUnreadable, 'bad');
	const { good, thumbprint } = await verifyBadge(badge);
	line(good ? words.verifyGood : words.verifyBad, good ? 'good' : 'bad');
	if (!good) return;
	const { name, holder, score, on, digest, how } = badgeFacts(badge);
	line(`${name}: ${holder}, ${score} / 100, ${on}`);
	for (const one of how) line(one);
	line(`${words.digest}: ${digest}`);
	line(words.verifyKey.replace('{thumbprint}', thumbprint));
}

function listen(words: typeof WORDS): void {
	const form = document.getElementById('verify') as HTMLFormElement;
	const result = document.getElementById('result') as HTMLElement;
	form.addEventListener('submit', async (event) => {
		event.preventDefault();
		const values = new FormData(form);
		const file = values.get('file');
		const text = file instanceof File && file.size > 0 ? await file.text() : String(values.get('text'));
		await answer(text, result, words);
	});
}

export const verifierScript = (): string =>
	`(() => {\n'use strict';\n${[badgeBytes, readBadge, verifyBadge, badgeFacts, answer, listen].join('\n')}\nlisten(${JSON.stringify(WORDS).replaceAll('<', '\\u003c')});\n})();\n`;
