/**
 * Documents as Markdown: the title as heading 1, each part as heading 2, tables as tables. What is written out reads back the
 * same; texts from elsewhere are read by their headings, and what has no place is named rather than lost in silence.
 */
import { ACTION_TYPES, type DocumentKind, KIND_SHAPES, MECHANISMS, type Part, TIMELINE_TYPES } from '../protocol/document-kinds.ts';
import type { DocumentContent } from '../protocol/documents.ts';
import type { Draft } from './check.ts';

type Table = 'timeline' | 'actions' | 'options';
type Row = Readonly<Record<string, string>>;

const COLUMNS: Readonly<Record<Table, readonly (readonly [key: string, title: string])[]>> = {
	timeline: [
		['at', 'Time (UTC)'],
		['type', 'Type'],
		['what', 'What happened'],
		['source', 'Source'],
	],
	actions: [
		['what', 'Action'],
		['type', 'Type'],
		['owner', 'Owner'],
		['due', 'Due'],
		['verify', 'Done when'],
	],
	options: [
		['name', 'Option'],
		['cost', 'Cost'],
		['latency', 'Latency'],
		['risk', 'Risk'],
		['source', 'Source'],
	],
};

const isTable = (form: Part['form']): form is Table => form in COLUMNS;

export function toMarkdown({ kind, content }: Draft): string {
	const parts = KIND_SHAPES[kind].parts.flatMap((part) => {
		const text = isTable(part.form) ? table(part.form, content[part.form]) : partText(part, content.texts[part.id] ?? '');
		return text === '' ? [] : [`## ${part.title}\n\n${text}`];
	});
	const attempt = content.attempt === undefined ? '' : `attempt: ${content.attempt}\n`;
	return `---\nkind: ${kind}\n${attempt}---\n\n# ${content.title.replace(/\s+/g, ' ').trim() || 'Untitled'}\n\n${parts.join('\n\n')}\n`;
}

function partText(part: Part, text: string): string {
	if (part.form === 'mechanism') return MECHANISMS.find((m) => m.id === text)?.title ?? '';
	const clean = text.replace(/\r\n?/g, '\n').trim();
	// A heading of ours inside a text would end the part; a fence left open would hide the next one.
	let fence: string | undefined;
	const lines = clean.split('\n').map((line) => {
		const mark = /^(`{3,}|~{3,})/.exec(line)?.[1];
		if (mark !== undefined) fence = fence === undefined ? mark : line.startsWith(fence) ? undefined : fence;
		return fence === undefined && /^\\*#{1,2}\s/.test(line) ? `\\${line}` : line;
	});
	return [...lines, ...(fence === undefined ? [] : [fence])].join('\n');
}

const cell = (text: string): string =>
	text
		.trim()
		.replaceAll('\\', '\\\\')
		.replaceAll('|', '\\|')
		.replace(/\s*\n\s*/g, '<br>');
const uncell = (text: string): string => text.replaceAll('<br>', '\n').replace(/\\([\\|])/g, '$1');

function table(kind: Table, rows: readonly Row[]): string {
	const columns = COLUMNS[kind];
	const kept = rows.filter((row) => columns.some(([key]) => key !== 'type' && (row[key] ?? '').trim() !== ''));
	if (kept.length === 0) return '';
	const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
	return [
		line(columns.map(([, title]) => title)),
		line(columns.map(() => '---')),
		...kept.map((row) => line(columns.map(([key]) => cell(row[key] ?? '')))),
	].join('\n');
}

export interface Imported {
	readonly kind: DocumentKind;
	readonly content: DocumentContent;
	/** Headings whose text has no place in this kind of document; it was put under the last known part. */
	readonly unknown: readonly string[];
}

/** Other names that templates elsewhere give to these parts. */
const ALIASES: Readonly<Record<string, string>> = {
	'root cause': 'cause',
	'root causes': 'cause',
	'contributing factors': 'condition',
	resolution: 'mitigation',
	response: 'mitigation',
	'corrective actions': 'actions',
	actions: 'actions',
	lessons: 'lessons',
	'context and problem statement': 'context',
	context: 'context',
	decision: 'decision',
	alternatives: 'options',
	'considered alternatives': 'options',
	risks: 'risk',
	rollout: 'rollout',
	'rollout plan': 'rollout',
};

export function fromMarkdown(markdown: string): Imported {
	const { front, body } = frontMatter(markdown.replace(/\r\n?/g, '\n'));
	const { title, sections } = split(body);
	const kind = kindOf(
		front['kind'],
		sections.map((s) => s.title.toLowerCase()),
	);
	const texts: Record<string, string> = {};
	const tables: Record<Table, Row[]> = { timeline: [], actions: [], options: [] };
	const unknown: string[] = [];
	let last = KIND_SHAPES[kind].parts[0]?.id ?? 'summary';
	for (const section of sections) {
		const part = partOf(kind, section.title);
		if (part !== undefined && isTable(part.form)) tables[part.form].push(...rowsOf(part.form, section.text));
		else if (part !== undefined) {
			texts[part.id] = readText(part, section.text);
			if (part.form === 'text') last = part.id;
		} else if (section.text !== '') {
			unknown.push(section.title);
			texts[last] = `${texts[last] ?? ''}\n\n### ${section.title}\n\n${section.text}`.trim();
		}
	}
	const attempt = front['attempt'];
	const content = {
		title: title === 'Untitled' ? '' : title.slice(0, 160),
		texts,
		timeline: tables.timeline.map((r) => ({
			at: field(r, 'at', 30),
			what: field(r, 'what', 600),
			type: oneOf(TIMELINE_TYPES, r['type'], 'action'),
			source: field(r, 'source', 200),
		})),
		actions: tables.actions.map((r) => ({
			what: field(r, 'what', 600),
			owner: field(r, 'owner', 100),
			due: field(r, 'due', 20),
			type: oneOf(ACTION_TYPES, r['type'], 'prevent'),
			verify: field(r, 'verify', 600),
		})),
		options: tables.options.map((r) => ({
			name: field(r, 'name', 120),
			cost: field(r, 'cost', 80),
			latency: field(r, 'latency', 80),
			risk: field(r, 'risk', 600),
			source: field(r, 'source', 200),
		})),
		...(attempt === undefined ? {} : { attempt: attempt.slice(0, 80) }),
	};
	return { kind, content, unknown };
}

const field = (row: Row, key: string, most: number): string => (row[key] ?? '').slice(0, most);

function oneOf<T extends string>(all: readonly T[], text: string | undefined, otherwise: T): T {
	return all.find((one) => one === text?.trim().toLowerCase()) ?? otherwise;
}

function frontMatter(text: string): { readonly front: Row; readonly body: string } {
	const m = /^---\n([\s\S]*?)\n---\n/.exec(text);
	if (m === null) return { front: {}, body: text };
	const front = Object.fromEntries(
		(m[1] ?? '').split('\n').flatMap((line) => (/^\w+:/.test(line) ? [[line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]] : [])),
	);
	return { front, body: text.slice(m[0].length) };
}

function split(body: string): { readonly title: string; readonly sections: { title: string; text: string }[] } {
	let title = '';
	let fence: string | undefined;
	const sections: { title: string; lines: string[] }[] = [];
	for (const line of body.split('\n')) {
		const mark = /^(`{3,}|~{3,})/.exec(line)?.[1];
		if (mark !== undefined) fence = fence === undefined ? mark : line.startsWith(fence) ? undefined : fence;
		const heading = fence === undefined ? /^(#{1,2})\s+(.*?)\s*#*\s*$/.exec(line) : null;
		if (heading === null) {
			sections.at(-1)?.lines.push(line);
			continue;
		}
		if (heading[1] === '#' && title === '' && sections.length === 0) title = heading[2] ?? '';
		else sections.push({ title: heading[2] ?? '', lines: [] });
	}
	return { title, sections: sections.map((s) => ({ title: s.title, text: s.lines.join('\n').trim() })) };
}

function partOf(kind: DocumentKind, heading: string): Part | undefined {
	const name = heading
		.toLowerCase()
		.replace(/[:*_`]/g, '')
		.trim();
	const { parts } = KIND_SHAPES[kind];
	return parts.find((part) => part.title.toLowerCase() === name || part.id === name) ?? parts.find((part) => part.id === ALIASES[name]);
}

/** As its front matter says; otherwise the kind that knows most of its headings. */
function kindOf(said: string | undefined, headings: readonly string[]): DocumentKind {
	const kinds = Object.keys(KIND_SHAPES) as DocumentKind[];
	const known = (kind: DocumentKind): number => headings.filter((heading) => partOf(kind, heading) !== undefined).length;
	return kinds.find((kind) => kind === said) ?? [...kinds].sort((a, b) => known(b) - known(a))[0] ?? 'postmortem';
}

function readText(part: Part, text: string): string {
	if (part.form === 'mechanism') return MECHANISMS.find((m) => m.title.toLowerCase() === text.toLowerCase() || m.id === text)?.id ?? '';
	let fence: string | undefined;
	const lines = text.split('\n').map((line) => {
		const mark = /^(`{3,}|~{3,})/.exec(line)?.[1];
		if (mark !== undefined) fence = fence === undefined ? mark : line.startsWith(fence) ? undefined : fence;
		return fence === undefined && /^\\+#{1,2}\s/.test(line) ? line.slice(1) : line;
	});
	return lines.join('\n').slice(0, 12_000);
}

function rowsOf(kind: Table, text: string): Row[] {
	const lines = text.split('\n').filter((line) => line.trim().startsWith('|'));
	const cells = (line: string): string[] =>
		line
			.trim()
			.replace(/^\||\|$/g, '')
			.split(/(?<=(?:^|[^\\])(?:\\\\)*)\|/)
			.map((c) => uncell(c.trim()));
	const [head, , ...rows] = lines;
	if (head === undefined) return [];
	const columns = COLUMNS[kind];
	const titles = cells(head).map((t) => t.toLowerCase());
	// Columns by their names where they are ours, else by their place.
	const at = columns.map(
		([key, title], i) =>
			[
				key,
				Math.max(titles.indexOf(title.toLowerCase()), titles.indexOf(key)) >= 0 ? Math.max(titles.indexOf(title.toLowerCase()), titles.indexOf(key)) : i,
			] as const,
	);
	return rows.slice(0, 100).map((line) => {
		const own = cells(line);
		return Object.fromEntries(at.map(([key, i]) => [key, own[i] ?? '']));
	});
}
