/** Pages that the server itself words: an error met by a browser, and the step from the printed link to the site. */
import type { Fault } from '../errors/catalogue.ts';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const frame = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/favicon.svg" type="image/svg+xml"><title>${escaped(title)} · Foothold</title>${head}
<style>:root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}h1{font-size:1.3rem}code{font-size:.9em;opacity:.75}</style>
</head><body><main>${body}</main></body></html>`;

export function faultPage(fault: Fault): string {
	return frame('Something is in the way', '', `<h1>${escaped(fault.message)}</h1><p>${escaped(fault.next)}</p><p><code>${escaped(fault.code)}</code></p>`);
}

/** Leads on from a page of our own: a SameSite=Strict cookie would not come along on a redirect that another site began. */
export function welcomePage(to: string): string {
	const url = escaped(to);
	return frame('Welcome', `<meta http-equiv="refresh" content="0;url=${url}">`, `<h1>Welcome.</h1><p><a href="${url}">Go on to Foothold</a></p>`);
}
