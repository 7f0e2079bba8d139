/** What a diagram must have so that everybody can read it, in both themes. */
const RULES: readonly (readonly [RegExp, boolean, string])[] = [
	[/^<svg [^>]*viewBox="0 0 720 \d+"/, true, 'is not 720 wide by its viewBox'],
	[/^<svg [^>]*role="img"/, true, 'has no role="img"'],
	[/^<svg [^>]*aria-labelledby="title desc"/, true, 'is not labelled by its title and desc'],
	[/<title id="title">[^<]{8,}<\/title>/, true, 'has no title'],
	[/<desc id="desc">[^<]{60,}<\/desc>/, true, 'has no description, or one of fewer than 60 characters'],
	[/^<svg [^>]*\b(width|height)=/, false, 'has a fixed size'],
	[/<(script|style|image|foreignObject|animate)\b/, false, 'has something in it that is no drawing'],
	[/\b(fill|stroke)="(?!none|currentColor|var\()/, false, 'has a colour of its own'],
	[/\bstyle=/, false, 'has a style of its own'],
	[/font-(size|family)=/, false, 'has a font of its own'],
];

/** What is wrong with a diagram, in words; empty where nothing is. */
export function diagramFaults(svg: string): string[] {
	const faults = RULES.filter(([rule, wanted]) => rule.test(svg) !== wanted).map(([, , fault]) => fault);
	const [, height = '0'] = /viewBox="0 0 720 (\d+)"/.exec(svg) ?? [];
	const outside = [...svg.matchAll(/<(?:text|rect|circle)\b[^>]*?\b(?:x|cx)="(-?[\d.]+)"[^>]*?\b(?:y|cy)="(-?[\d.]+)"/g)].filter(
		([, x, y]) => Number(x) < 0 || Number(x) > 720 || Number(y) < 0 || Number(y) > Number(height),
	);
	return [...faults, ...outside.map(([shape]) => `draws outside of itself: ${shape}`)];
}
