/** Names of fields that CEL's syntax has no room for (`apiserver/pkg/cel/escaping.go`). */
const RESERVED: ReadonlySet<string> = new Set(
	'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const SYMBOLS: { readonly [text: string]: string } = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };
const NAMES: { readonly [name: string]: string } = { underscores: '__', dot: '.', dash: '-', slash: '/' };

/** The identifier for a field's name; undefined where there is none. */
export function escapeName(name: string): string | undefined {
	if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined;
	if (RESERVED.has(name)) return `__${name}__`;
	return name.replaceAll(/__|[-./]/g, (symbol) => SYMBOLS[symbol] ?? symbol);
}

/** The field's name for an identifier; undefined where it is malformed. */
export function unescapeName(identifier: string): string | undefined {
	if (!identifier.includes('__')) return identifier;
	let valid = true;
	const out = identifier.replaceAll(/__([^_]+)__/g, (whole, inner: string) => {
		const symbol = Object.hasOwn(NAMES, inner) ? NAMES[inner] : undefined;
		if (symbol !== undefined) return symbol;
		if (RESERVED.has(inner) && whole.length === identifier.length) return inner;
		valid = false;
		return '';
	});
	return valid ? out : undefined;
}
