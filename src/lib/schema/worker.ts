/** The worker that knows the cluster's schemas: parsing and checking never wait in the way of a key press. */
import { apiVersionsOf, check } from './check.ts';
import { ClusterSchemas } from './cluster-schemas.ts';
import { apiVersionAt, meaningAt, type Offers, offersAt } from './complete.ts';
import type { Answered, Asked, Question, Questions, Start } from './wire.ts';

type Handlers = { readonly [Q in Question]: (input: Questions[Q][0]) => Promise<Questions[Q][1]> };

let base = '';

async function get(path: string): Promise<unknown> {
	const response = await fetch(base + path, { credentials: 'same-origin' });
	if (!response.ok) throw new Error(`${path}: ${response.status}`);
	return response.json();
}

const schemas = new ClusterSchemas(get);

/** Without the cluster's word (it starts, it is gone) the text is still checked as YAML. */
const need = (apiVersions: Iterable<string>): Promise<void> =>
	schemas.need(apiVersions).catch((error: unknown) => console.warn('The cluster’s schemas could not be read:', error));

/** While one types, now and then. */
const look = (): Promise<unknown> => schemas.refresh().catch((error: unknown) => console.warn('What the cluster serves could not be read:', error));

const handlers: Handlers = {
	check: async ({ text }) => {
		await look();
		await need(apiVersionsOf(text));
		return check(text, schemas);
	},
	offers: async ({ text, offset }) => {
		await need([apiVersionAt(text, offset)]);
		const found = offersAt(text, offset, schemas);
		return found?.names ? withNames(found, found.names) : found;
	},
	meaning: async ({ text, offset }) => {
		await need(apiVersionsOf(text));
		return meaningAt(text, offset, schemas);
	},
	refresh: () => schemas.refresh(true),
};

async function withNames(found: Offers, { kind, namespace }: NonNullable<Offers['names']>): Promise<Offers> {
	const names = await schemas.liveNames(kind, namespace).catch(() => []);
	return { ...found, offers: [...found.offers, ...names.map((name) => ({ label: name, insert: name, detail: kind.kind, info: '', required: false }))] };
}

async function answer({ id, question, input }: Asked): Promise<void> {
	const handler = handlers[question] as (input: Questions[Question][0]) => Promise<Questions[Question][1]>;
	const value = await handler(input).catch((error: unknown) => {
		console.warn('The editor’s worker could not answer:', error);
		return question === 'check' ? [] : undefined;
	});
	self.postMessage({ id, value } as Answered);
}

self.addEventListener('message', (event: MessageEvent<Start | Asked>) => {
	if ('base' in event.data) base = event.data.base;
	else void answer(event.data);
});
