/**
 * From a lesson's Markdown to its HTML. Beside plain Markdown a lesson has three things of its own:
 *   ![Caption](name.svg)        a diagram from a file beside the lesson, put in as it is so that it takes the page's colours
 *   [words](glossary:term)      a link into the glossary
 *   ```console / ```shell       commands after `$ ` (lines after `> ` go on with one), everything else is output
 */

/** Where the page puts its own words and links: they differ by language and by which labs there are. */
export const SLOTS = {
	copy: '<!--slot:copy-->',
	tryIn: '<!--slot:try-->',
	console: '<!--slot:console-->',
	shell: '<!--slot:shell-->',
	file: '<!--slot:file-->',
} as const;

const DIAGRAM = /^!\[([^\]]*)\]\(([\w-]+\.svg)\)$/gm;

/** File names of the diagrams that a lesson shows. */
export const diagramsOf = (markdown: string): string[] => [...markdown.matchAll(DIAGRAM)].map((m) => m[2] ?? '');

/** Ids of the glossary terms that a lesson links to. */
export const termsOf = (markdown: string): string[] => [...markdown.matchAll(/\]\(glossary:([a-z0-9-]+)\)/g)].map((m) => m[1] ?? '');

/** Makes room for the diagrams; the rest is Markdown that any renderer knows. */
export function beforeRendering(markdown: string): string {
	return markdown.replace(
		DIAGRAM,
		(_, caption: string, file: string) => `<figure class="diagram" data-diagram="${file}"><figcaption>${escaped(caption)}</figcaption></figure>`,
	);
}

/** Puts diagrams, glossary links and command blocks in place. `diagrams`: file name → SVG text. */
export function afterRendering(html: string, diagrams: ReadonlyMap<string, string>): string {
	let block = 0;
	return (
		html
			.replace(/<figure class="diagram" data-diagram="([\w-]+\.svg)">/g, (_, file: string) => {
				const svg = diagrams.get(file);
				if (svg === undefined) throw new Error(`there is no diagram ${file}`);
				return `<figure class="diagram"><div class="drawing" tabindex="0" role="group" aria-label="Diagram">${inlineSvg(svg, file.slice(0, -4))}</div>`;
			})
			// A question's line is HTML, in which Markdown does not look for code.
			.replace(/<summary>[\s\S]*?<\/summary>/g, (summary) => summary.replace(/`([^`]+)`/g, '<code>$1</code>'))
			.replaceAll('href="glossary:', 'class="term" href="/glossary/#')
			.replace(/<table>[\s\S]*?<\/table>/g, (table) => `<div class="table" tabindex="0" role="group" aria-label="Table">${table}</div>`)
			.replace(/<pre[^>]*><code(?: class="language-(\w+)")?>([\s\S]*?)<\/code><\/pre>/g, (_, language: string | undefined, code: string) => {
				block += 1;
				return commandBlock(language ?? 'text', code, block);
			})
	);
}

/** An SVG as part of a page: ids made the lesson's own, so that two diagrams on one page keep apart. */
function inlineSvg(svg: string, name: string): string {
	return svg
		.slice(svg.indexOf('<svg'))
		.replaceAll(/\bid="([\w-]+)"/g, `id="${name}-$1"`)
		.replaceAll(/url\(#([\w-]+)\)/g, `url(#${name}-$1)`)
		.replaceAll(/(href|aria-labelledby|aria-describedby)="(#?)([^"]+)"/g, (_, attribute: string, hash: string, ids: string) => {
			return `${attribute}="${ids
				.split(' ')
				.map((id) => `${hash}${name}-${id}`)
				.join(' ')}"`;
		})
		.trim();
}

function commandBlock(language: string, code: string, number: number): string {
	const typed = language === 'console' || language === 'shell';
	const kind = typed ? SLOTS[language] : `${SLOTS.file}${language === 'text' ? '' : ` ${language}`}`;
	const body = typed ? code.split('\n').map(terminalLine).join('\n') : code;
	return (
		`<div class="block ${typed ? 'typed' : ''}" data-block><div class="block-bar"><span id="block-${number}">${kind}</span>` +
		`${language === 'console' ? SLOTS.tryIn : ''}<button type="button" class="button plain tiny" data-copy hidden>${SLOTS.copy}</button></div>` +
		`<pre tabindex="0" role="group" aria-labelledby="block-${number}"><code>${body}</code></pre></div>`
	);
}

/** `$ ` begins a command, `&gt; ` goes on with one; what is copied is marked. */
function terminalLine(line: string): string {
	const command = /^(\$ |&gt; |>\s)(.*)$/.exec(line);
	return command === null ? line : `<span class="prompt" aria-hidden="true">${command[1]}</span><b data-command>${command[2]}</b>`;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);
