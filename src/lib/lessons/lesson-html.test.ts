import { describe, expect, it } from 'vitest';
import { fillIn } from '../i18n/fill-in.ts';
import { withCode } from '../with-code.ts';
import { afterRendering, beforeRendering, diagramsOf, SLOTS, termsOf } from './lesson-html.ts';

const none = new Map<string, string>();

describe('a lesson’s own Markdown', () => {
	it('names its diagrams and terms', () => {
		expect(diagramsOf('text\n\n![A picture](a-b.svg)\n\n![not alone](c.svg) here')).toEqual(['a-b.svg']);
		expect(termsOf('[one](glossary:pod) and [two](/x/) and [three](glossary:exit-code)')).toEqual(['pod', 'exit-code']);
	});

	it('puts a diagram in as it is, with ids of its own and an escaped caption', () => {
		const svg =
			'<?xml?><svg aria-labelledby="title desc"><title id="title">t</title><desc id="desc">d</desc><marker id="m"/><path marker-end="url(#m)"/><use href="#m"/></svg>';
		const html = afterRendering(beforeRendering('![A < B](flow.svg)'), new Map([['flow.svg', svg]]));
		expect(html).toContain('<svg aria-labelledby="flow-title flow-desc"><title id="flow-title">');
		expect(html).toContain('marker-end="url(#flow-m)"/><use href="#flow-m"/>');
		expect(html).toContain('<figcaption>A &lt; B</figcaption>');
		expect(html).not.toContain('<?xml');
		expect(() => afterRendering(beforeRendering('![x](gone.svg)'), none)).toThrow('there is no diagram gone.svg');
	});

	it('leads terms into the glossary', () => {
		expect(afterRendering('<a href="glossary:pod">pod</a>', none)).toBe('<a class="term" href="/glossary/#pod">pod</a>');
	});

	it('tells commands from output, and offers a lab for the cluster’s terminal alone', () => {
		const console_ = afterRendering('<pre><code class="language-console">$ cat &lt;&lt;E\n&gt; a\nout &gt; put\n</code></pre>', none);
		expect(console_.match(/data-command/g)).toHaveLength(2);
		expect(console_).toContain('<b data-command>cat &lt;&lt;E</b>\n<span class="prompt" aria-hidden="true">&gt; </span><b data-command>a</b>\nout &gt; put');
		expect(console_).toContain(SLOTS.tryIn);
		const shell = afterRendering('<pre><code class="language-shell">$ ls\n</code></pre>', none);
		expect([shell.includes(SLOTS.shell), shell.includes(SLOTS.tryIn)]).toEqual([true, false]);
		const file = afterRendering('<pre><code class="language-yaml">$ not: a command\n</code></pre>', none);
		expect([file.includes('yaml'), file.includes('data-command')]).toEqual([true, false]);
	});

	it('shows code in a question', () => {
		expect(afterRendering('<summary>Why `kill 1`?</summary>', none)).toBe('<summary>Why <code>kill 1</code>?</summary>');
	});
});

describe('words', () => {
	it('are filled in, and leave unknown places as they are', () => {
		expect(fillIn('{n} of {all}, {what}', { n: 1, all: 2 })).toBe('1 of 2, {what}');
	});
	it('may hold code, and nothing else of HTML', () => {
		expect(withCode('run `a < b` <b>')).toBe('run <code>a &lt; b</code> &lt;b&gt;');
	});
});
