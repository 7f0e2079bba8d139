/** A line of the content with `code` in it, as HTML; everything else is escaped. */
export function withCode(line: string): string {
	const escaped = line.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);
	return escaped.replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
