export interface StatementText {
	readonly sql: string;
	/** Line it ends on, 1-based. */
	readonly line: number;
	/** It ended with a semicolon. */
	readonly complete: boolean;
	/** Where in the text the next one begins. */
	readonly end: number;
}

const TOKEN = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"[^"]*"|(\$\w*\$)[\s\S]*?\1|;|[\s\S]/g;

/** Cuts a script at its semicolons. Knows strings, identifiers, dollar quotes and comments. */
export function splitStatements(script: string): readonly StatementText[] {
	const out: StatementText[] = [];
	let text = '';
	let line = 1;
	for (const m of script.matchAll(TOKEN)) {
		const part = m[0];
		line += part.split('\n').length - 1;
		if (part === ';') {
			if (text.trim() !== '') out.push({ sql: text.trim(), line, complete: true, end: m.index + 1 });
			text = '';
		} else if (!part.startsWith('--') && !part.startsWith('/*')) text += part;
	}
	if (text.trim() !== '') out.push({ sql: text.trim(), line, complete: false, end: script.length });
	return out;
}
