/** Redirections: from the parse tree to a table of file descriptors. */
import { type ExpansionContext, expandText } from './expand.ts';
import type { Machine } from './machine.ts';
import type { Fds, Sink } from './state.ts';
import type { RedirectionNode } from './syntax.ts';

/** The descriptors as redirected; the same table where there is nothing to redirect, undefined after a failure (printed). */
export function redirect(m: Machine, list: readonly RedirectionNode[], c: ExpansionContext): Fds | undefined {
	// Words first: a substitution that is missing must not have opened files already.
	const targets = list.map((r) =>
		r.target.type === 'HereDoc' ? (r.target.quoted ? rawText(r.target.content, c) : expandText(r.target.content, c)) : expandText(r.target, c),
	);
	let fds = m.d.fds;
	for (let i = 0; i < list.length; i++) {
		const r = list[i];
		const target = targets[i] ?? '';
		if (r === undefined) continue;
		const next = apply(m, r, target, fds);
		if (next === undefined) return undefined;
		fds = next;
	}
	return fds;
}

function rawText(content: Parameters<typeof expandText>[0], c: ExpansionContext): string {
	return content.parts
		.map((p) => (p.type === 'Literal' || p.type === 'SingleQuoted' || p.type === 'Escaped' ? p.value : expandText({ type: 'Word', parts: [p] }, c)))
		.join('');
}

function apply(m: Machine, r: RedirectionNode, target: string, fds: Fds): Fds | undefined {
	const withSink = (fd: number, sink: Sink | undefined): Fds | undefined => (sink === undefined ? undefined : { ...fds, [fd]: sink });
	switch (r.operator) {
		case '>':
		case '>|':
		case '>>':
			return withSink(r.fd ?? 1, open(m, target, r.operator === '>>', fds));
		case '&>':
		case '&>>': {
			const sink = open(m, target, r.operator === '&>>', fds);
			return sink === undefined ? undefined : { ...fds, 1: sink, 2: sink };
		}
		case '<':
		case '<>':
			return withSink(r.fd ?? 0, m.openInput(target));
		case '<<':
		case '<<-': {
			const strip = r.target.type === 'HereDoc' && r.target.stripTabs;
			return withSink(r.fd ?? 0, m.newBuffer(strip ? target.replace(/^\t+/gm, '') : target));
		}
		case '<<<':
			return withSink(r.fd ?? 0, m.newBuffer(`${target}\n`));
		case '>&':
		case '<&': {
			const fd = r.fd ?? (r.operator === '>&' ? 1 : 0);
			if (target === '-') {
				const { [fd]: _closed, ...rest } = fds;
				return rest;
			}
			if (/^\d+$/.test(target)) {
				const from = fds[target];
				if (from === undefined) {
					m.complain(`${target}: Bad file descriptor`);
					return undefined;
				}
				return { ...fds, [fd]: from };
			}
			const sink = open(m, target, false, fds);
			return sink === undefined ? undefined : { ...fds, 1: sink, 2: sink };
		}
	}
}

/** /dev/stdout means the descriptor as it is at this point of the list. */
function open(m: Machine, target: string, append: boolean, fds: Fds): Sink | undefined {
	if (target === '/dev/stdout') return fds['1'] ?? 'null';
	if (target === '/dev/stderr') return fds['2'] ?? 'null';
	return m.openOutput(target, append);
}
