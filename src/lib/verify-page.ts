/** Verifies a badge in the browser, and says whether its key is this server's. */
import { badgeFacts, readBadge, verifyBadge } from '../../server/protocol/badge.ts';
import { getIssuer } from './api.ts';
import { byId, type Child, fill, h } from './dom.ts';
import type { PortfolioWords } from './i18n/catalogue.ts';
import { fillIn } from './i18n/fill-in.ts';

const words = JSON.parse(byId('verify-data')?.textContent ?? '{}') as PortfolioWords;
const form = document.querySelector<HTMLFormElement>('#verify-form');
const issuer = getIssuer().catch(() => undefined);

async function answer(text: string): Promise<Child[]> {
	const badge = readBadge(text);
	if (badge === undefined) return [h('p', { class: 'notice warn' }, words.verifyUnreadable)];
	const { good, thumbprint } = await verifyBadge(badge);
	if (!good) return [h('p', { class: 'notice fail' }, words.verifyBad)];
	const own = await issuer;
	const whose = own === undefined ? words.verifyOffline : own.thumbprint === thumbprint ? words.verifyOwn : fillIn(words.verifyForeign, { thumbprint });
	const { digest, how, ...facts } = badgeFacts(badge);
	return [
		h('p', { class: 'notice' }, words.verifyGood, ' ', whose),
		h('p', {}, fillIn(words.verifyFacts, facts)),
		h('ul', { class: 'small' }, ...how.map((one) => h('li', {}, one))),
		h('p', { class: 'small quiet' }, fillIn(words.verifyDigest, { digest })),
	];
}

form?.addEventListener('submit', async (event) => {
	event.preventDefault();
	const values = new FormData(form);
	const file = values.get('file');
	fill(byId('verify-result'), ...(await answer(file instanceof File && file.size > 0 ? await file.text() : String(values.get('text') ?? ''))));
});
issuer.then((own) => own && fill(byId('issuer-key'), fillIn(words.issuerKey, { thumbprint: own.thumbprint })));
