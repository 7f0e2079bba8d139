/** The parse tree of just-bash, whose package exports only some of its types: the rest is derived from those. */
import { parse as parseScript, type PipelineNode, type ScriptNode, type SimpleCommandNode, type StatementNode, type WordNode } from 'just-bash';

export type { PipelineNode, ScriptNode, SimpleCommandNode, StatementNode, WordNode };
export type CommandNode = PipelineNode['commands'][number];
type Of<T extends CommandNode['type']> = Extract<CommandNode, { type: T }>;
export type FunctionDefNode = Of<'FunctionDef'>;
export type IfNode = Of<'If'>;
export type ForNode = Of<'For'>;
export type CStyleForNode = Of<'CStyleFor'>;
export type WhileNode = Of<'While'>;
export type UntilNode = Of<'Until'>;
export type CaseNode = Of<'Case'>;
export type AssignmentNode = SimpleCommandNode['assignments'][number];
export type RedirectionNode = SimpleCommandNode['redirections'][number];
export type HereDocNode = Extract<RedirectionNode['target'], { type: 'HereDoc' }>;
export type WordPart = WordNode['parts'][number];
type PartOf<T extends WordPart['type']> = Extract<WordPart, { type: T }>;
export type ParameterExpansionPart = PartOf<'ParameterExpansion'>;
export type BraceExpansionPart = PartOf<'BraceExpansion'>;
export type ArithExpr = PartOf<'ArithmeticExpansion'>['expression']['expression'];
export type CondExpr = Of<'ConditionalCommand'>['expression'];

export class ShellSyntaxError extends Error {
	/** Where the parser stopped, counted from 1; undefined where it doesn't say. */
	readonly line: number | undefined;
	constructor(message: string, line?: number) {
		super(message);
		this.line = line;
	}
}

/** What the parser makes of a text that ends too early: more lines are needed. */
export class Incomplete extends Error {
	/** In a here-document: the line that ends it. Until that comes there is no use in looking again. */
	readonly until: string | undefined;
	constructor(message: string, until?: string) {
		super(message);
		this.until = until;
	}
}

function unterminatedHereDoc(value: unknown): HereDocNode | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	if ((value as { type?: string }).type === 'HereDoc' && (value as HereDocNode).terminated === false) return value as HereDocNode;
	for (const v of Object.values(value)) {
		const found = typeof v === 'object' ? unterminatedHereDoc(v) : undefined;
		if (found !== undefined) return found;
	}
	return undefined;
}

/** Parses a script. Throws `Incomplete` where more input would make it whole, `ShellSyntaxError` where none would. */
export function parse(source: string): ScriptNode {
	if (/(^|[^\\])(\\\\)*\\\n?$/.test(source) && !source.endsWith('\\\\')) throw new Incomplete('line continuation');
	let script: ScriptNode;
	try {
		script = parseScript(source);
	} catch (e) {
		const message = e instanceof Error ? e.message : String(e);
		if (/got EOF|unexpected EOF|unexpected end of file|unterminated/i.test(message)) throw new Incomplete(message);
		// `if x; then` and `while x; do` without a body are reported by the closing word that the parser supplied itself.
		if (/near unexpected token `(fi|done)'/.test(message) && /(^|[\s;])(then|do|else)\s*$/.test(source)) throw new Incomplete(message);
		const at = /^Parse error at (\d+):\d+: /.exec(message);
		throw new ShellSyntaxError(message.slice(at?.[0].length ?? 0), at === null ? undefined : Number(at[1]));
	}
	if (/(\||&&)\s*\n?$/.test(source.replace(/#.*$/, '')) && !/\\(\||&)\s*$/.test(source)) throw new Incomplete('operator');
	const open = source.includes('<<') ? unterminatedHereDoc(script) : undefined;
	if (open !== undefined) throw new Incomplete('here-document', open.delimiter);
	return script;
}
