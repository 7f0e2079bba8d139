/** A unified diff: colours for those who see them, `+` and `-` for all. Its lines scroll by themselves where they are long. */
export function DiffView({ lines, label }: { readonly lines: readonly string[]; readonly label: string }) {
	return (
		<section className="diff" aria-label={label}>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key */}
			<pre tabIndex={0}>
				{lines.map((line, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name and never move
					<span key={index} className={KINDS[line[0] ?? '']}>
						{line}
						{'\n'}
					</span>
				))}
			</pre>
		</section>
	);
}

const KINDS: Readonly<Record<string, string>> = { '+': 'diff-add', '-': 'diff-remove', '@': 'diff-place' };
