/**
 * A lab's brief as HTML. The part of Markdown that briefs use: headings, paragraphs, lists, code, tables, quotes, emphasis,
 * links. All text is escaped and no HTML passes through, so the result is safe whatever the source holds.
 */
export function markdownToHtml(source: string): string {
	return blocks(source.replace(/\r\n?/g, '\n').split('\n'));
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

function blocks(lines: readonly string[]): string {
	const out: string[] = [];
	let i = 0;
	const take = (while_: (line: string) => boolean): string[] => {
		const taken: string[] = [];
		while (i < lines.length && while_(lines[i] ?? '')) taken.push(lines[i++] ?? '');
		return taken;
	};
	while (i < lines.length) {
		const line = lines[i] ?? '';
		const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
		const fence = /^(`{3,}|~{3,})\s*([\w-]*)/.exec(line);
		if (line.trim() === '') i++;
		else if (heading !== null) {
			out.push(`<h${heading[1]?.length}>${inline(heading[2] ?? '')}</h${heading[1]?.length}>`);
			i++;
		} else if (fence !== null) {
			i++;
			const code = take((l) => !l.startsWith(fence[1] ?? '```'));
			i++;
			const language = fence[2] ? ` class="language-${escaped(fence[2])}"` : '';
			out.push(`<pre><code${language}>${escaped(code.join('\n'))}\n</code></pre>`);
		} else if (line.startsWith('>')) out.push(`<blockquote>${blocks(take((l) => l.startsWith('>')).map((l) => l.replace(/^>\s?/, '')))}</blockquote>`);
		else if (LIST.test(line)) out.push(list(take((l) => LIST.test(l) || /^\s{2,}\S/.test(l))));
		else if (line.includes('|') && /^[\s|:-]+$/.test(lines[i + 1] ?? '') && (lines[i + 1] ?? '').includes('-')) out.push(table(take((l) => l.includes('|'))));
		else if (/^(-{3,}|\*{3,})$/.test(line.trim())) {
			out.push('<hr>');
			i++;
		} else {
			const first = lines[i++] ?? '';
			out.push(`<p>${inline([first, ...take((l) => l.trim() !== '' && !/^(#{1,6}\s|`{3}|~{3}|>)/.test(l) && !LIST.test(l))].join('\n'))}</p>`);
		}
	}
	return out.join('\n');
}

const LIST = /^(?:[-*+]|\d+[.)])\s+/;

/** One list; lines that are indented belong to the item above them. */
function list(lines: readonly string[]): string {
	const ordered = /^\d/.test(lines[0] ?? '');
	const items: string[][] = [];
	for (const line of lines) {
		if (LIST.test(line)) items.push([line.replace(LIST, '')]);
		else items.at(-1)?.push(line.replace(/^\s{2,4}/, ''));
	}
	const tag = ordered ? 'ol' : 'ul';
	const html = items.map(([first = '', ...rest]) => {
		const nested = rest.some((l) => LIST.test(l) || l.startsWith('```'));
		return `<li>${nested ? `${inline(first)}\n${blocks(rest)}` : inline([first, ...rest].join('\n'))}</li>`;
	});
	return `<${tag}>${html.join('')}</${tag}>`;
}

function table(lines: readonly string[]): string {
	const cells = (line: string): string[] =>
		line
			.trim()
			.replace(/^\||\|$/g, '')
			.split('|')
			.map((cell) => inline(cell.trim()));
	const [head = '', , ...body] = lines;
	const row = (line: string, tag: string): string =>
		`<tr>${cells(line)
			.map((cell) => `<${tag}>${cell}</${tag}>`)
			.join('')}</tr>`;
	return `<table><thead>${row(head, 'th')}</thead><tbody>${body.map((line) => row(line, 'td')).join('')}</tbody></table>`;
}

function inline(text: string): string {
	// Code spans first: nothing inside them is markup.
	return text
		.split(/(`[^`]+`)/)
		.map((part) => (/^`[^`]+`$/.test(part) ? `<code>${escaped(part.slice(1, -1))}</code>` : emphasised(escaped(part))))
		.join('');
}

function emphasised(text: string): string {
	return text
		.replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (whole, label: string, url: string) => (/^(https?:\/\/|\/|#)/.test(url) ? `<a href="${url}">${label}</a>` : whole))
		.replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
		.replace(/(^|[\s(])[*_]([^*_\s](?:[^*_]*[^*_\s])?)[*_](?=[\s).,;:!?]|$)/g, '$1<em>$2</em>');
}
