/** The one place that knows just-bash: parses scripts and numbers their nodes, so that a suspended script can name where it stands in plain data. */
import { type CommandNode, type PipelineNode, parse, type ScriptNode, type SimpleCommandNode, type StatementNode, type WordNode } from 'just-bash';

export type { CommandNode, PipelineNode, ScriptNode, SimpleCommandNode, StatementNode, WordNode };
export type WordPart = WordNode['parts'][number];
export type RedirectionNode = SimpleCommandNode['redirections'][number];
export type AssignmentNode = SimpleCommandNode['assignments'][number];
export type NodeOf<T extends CommandNode['type']> = Extract<CommandNode, { readonly type: T }>;
export type PartOf<T extends WordPart['type']> = Extract<WordPart, { readonly type: T }>;
export type ArithmeticNode = PartOf<'ArithmeticExpansion'>['expression'];
export type ArithExpr = ArithmeticNode['expression'];
export type ConditionNode = NodeOf<'ConditionalCommand'>['expression'];

/** Source (its number in the shell's list) and node number: stands for a node in plain data. */
export type NodeRef = readonly [source: number, node: number];

export interface Parsed {
	readonly script: ScriptNode;
	readonly nodes: readonly object[];
	readonly ids: WeakMap<object, number>;
}

export interface SyntaxFault {
	/** The token that was not expected; undefined at the end of the text. */
	readonly token: string | undefined;
	readonly expecting: string | undefined;
	readonly line: number;
	/** A quote or here-document was never closed. */
	readonly unterminated: boolean;
}

const cache = new Map<string, Parsed | { readonly fault: SyntaxFault }>();
const KEPT = 400;

/** Parses a script. Pure: the cache only saves time. */
export function parseScript(source: string): Parsed | { readonly fault: SyntaxFault } {
	const known = cache.get(source);
	if (known !== undefined) return known;
	const result = parseNow(source);
	if (cache.size >= KEPT) cache.clear();
	cache.set(source, result);
	return result;
}

function parseNow(source: string): Parsed | { readonly fault: SyntaxFault } {
	let script: ScriptNode;
	try {
		script = parse(source);
	} catch (error) {
		return { fault: faultOf(error instanceof Error ? error.message : String(error)) };
	}
	const deferred = firstDeferred(script.statements);
	if (deferred !== undefined) return { fault: faultOf(deferred) };
	const nodes: object[] = [];
	const ids = new WeakMap<object, number>();
	const walk = (value: unknown): void => {
		if (typeof value !== 'object' || value === null) return;
		ids.set(value, nodes.length);
		nodes.push(value);
		for (const child of Array.isArray(value) ? value : Object.values(value)) walk(child);
	};
	walk(script);
	return { script, nodes, ids };
}

function firstDeferred(statements: readonly StatementNode[]): string | undefined {
	for (const s of statements) if (s.deferredError !== undefined) return `syntax error near unexpected token \`${s.deferredError.token}'`;
	return undefined;
}

function faultOf(message: string): SyntaxFault {
	const line = Number(/(?:at |line )(\d+)/.exec(message)?.[1] ?? 1);
	const unterminated = /looking for matching|unterminated|here-document/i.test(message);
	const expecting = /Expected (\w+)/.exec(message)?.[1]?.toLowerCase();
	const token =
		/unexpected token [`']?(.*?)'?$/.exec(message)?.[1] ??
		/got ['"]?(\S+?)['"]?$/.exec(message)?.[1] ??
		/near (?:unexpected token )?[`'](.*?)'/.exec(message)?.[1];
	const end = unterminated || token === 'EOF' || /EOF|end of (file|input)/i.test(message);
	return { token: end ? undefined : (token ?? ''), expecting, line, unterminated };
}
