/** How a JSON body is written: one line for programs, indented for people (`isPrettyPrint` of apiserver `pkg/endpoints/handlers/negotiation`). */
import { isRecord } from '../equal.ts';
import { parseQuery } from './query.ts';

interface Asked {
	readonly url: string;
	readonly headers: { readonly [name: string]: string };
}

/** `pretty` in the query says so; else the agents of people with a shell or a browser get it. Some paths have a form of their own. */
function isPretty({ url, headers }: Asked): boolean {
	if (url.startsWith('/version')) return true;
	if (url.startsWith('/openapi/')) return false;
	const at = url.indexOf('?');
	const said = at < 0 ? undefined : parseQuery(url.slice(at + 1))['pretty']?.[0];
	if (said !== undefined && said !== '') return /^(1|t|T|true|TRUE|True)$/.test(said);
	return /^(curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '');
}

/** In the order that people know from the types; the store keeps fields as they came. */
function ordered(value: unknown): unknown {
	if (!isRecord(value)) return value;
	const { kind, apiVersion, metadata, spec, items, ...rest } = value;
	return { kind, apiVersion, metadata, spec, ...rest, items: Array.isArray(items) ? items.map(ordered) : items };
}

/** The body's text. As Go's encoders write it, a line break ends the one-line form alone. */
export function jsonText(json: unknown, asked: Asked): string {
	return isPretty(asked) ? JSON.stringify(ordered(json), null, 2) : `${JSON.stringify(json)}\n`;
}
