/** The exported portfolio's one style sheet: light and dark, narrow screens, paper. */
export const STYLE = `:root {
	color-scheme: light dark;
	--ink: light-dark(#16211f, #e6ebe8);
	--quiet: light-dark(#52605c, #a3b1ac);
	--ground: light-dark(#fbfbf8, #101816);
	--line: light-dark(#d5dbd7, #33403c);
	--accent: light-dark(#0b5c66, #6cc5cf);
	--good: light-dark(#1e6b34, #74cf8d);
	--bad: light-dark(#a3231d, #f29a92);
}
body {
	margin: 0 auto;
	padding: 2rem 1rem 4rem;
	max-width: 50rem;
	font: 1rem/1.6 system-ui, sans-serif;
	color: var(--ink);
	background: var(--ground);
	overflow-wrap: anywhere;
}
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.2rem; }
a { color: var(--accent); }
.lead { font-size: 1.15rem; }
.quiet { color: var(--quiet); }
.entries { padding: 0; list-style: none; }
.entries li { padding: 0.6rem 0; border-top: 1px solid var(--line); }
.standing { font-size: 0.85rem; padding: 0.1rem 0.5rem; border: 1px solid currentColor; border-radius: 1rem; white-space: nowrap; }
.graded { color: var(--accent); }
.mentor-confirmed, .good { color: var(--good); }
.self-declared { color: var(--quiet); border-style: dashed; }
.bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.8rem 0.35rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-weight: 600; }
pre { overflow-x: auto; padding: 0.8rem; border: 1px solid var(--line); font-size: 0.85rem; }
textarea { width: 100%; box-sizing: border-box; }
input, textarea, button { font: inherit; }
@media print {
	:root { color-scheme: light; }
	body { max-width: none; padding: 0; font-size: 10.5pt; }
	a { color: inherit; }
	.entries a[href^='http']::after { content: ' (' attr(href) ')'; font-size: 0.85em; }
	section, tr, .entries li { break-inside: avoid; }
	nav, form { display: none; }
	pre { white-space: pre-wrap; }
}
`;
