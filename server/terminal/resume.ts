/** Which programs a new shell takes up again, where the one before ended under them (a server that was restarted, a cluster that went back). */
import { parse } from '../shell/interpreter/ast.ts';

/** They only look, or keep what they need to go on (`CommandContext.resume`). */
const GO_ON = new Set(['watch', 'top', 'less', 'more', 'man', 'vi', 'vim', 'view', 'nano']);

/** The part of a command line that can be run again: its last command, where that is one of those by itself. Undefined where there is none. */
export function goesOn(line: string): string | undefined {
	let statements: ReturnType<typeof parse>['statements'];
	try {
		({ statements } = parse(line));
	} catch {
		return undefined;
	}
	const last = statements.at(-1);
	const pipeline = last?.pipelines.at(-1);
	const [command, ...piped] = pipeline?.commands ?? [];
	// Behind && or || it depends on what went before.
	if (last === undefined || last.background || (last.operators.at(-1) ?? ';') !== ';' || pipeline?.negated === true || piped.length > 0) return undefined;
	if (command?.type !== 'SimpleCommand' || command.redirections.length > 0) return undefined;
	const [word] = command.name?.parts ?? [];
	if (word?.type !== 'Literal' || command.name?.parts.length !== 1 || !GO_ON.has(word.value)) return undefined;
	return statements.length === 1 && last.pipelines.length === 1 ? line : lastOf(line);
}

/** The last command's own text; undefined where it can't be told apart from what stands before it. */
function lastOf(line: string): string | undefined {
	const text = line.slice(Math.max(line.lastIndexOf(';'), line.lastIndexOf('\n')) + 1).trim();
	return goesOn(text) === text ? text : undefined;
}

/** A text that an editor had not written when its command could not go on. */
export interface Unsaved {
	/** The file's absolute path. */
	readonly path: string;
	readonly text: string;
}

/** What of a program's kept data is a text that would be lost with it. */
export function unsavedOf(kept: unknown): Unsaved | undefined {
	if (typeof kept !== 'object' || kept === null || !('unsaved' in kept)) return undefined;
	const { unsaved } = kept;
	if (typeof unsaved !== 'object' || unsaved === null || !('path' in unsaved) || !('text' in unsaved)) return undefined;
	const { path, text } = unsaved;
	return typeof path === 'string' && typeof text === 'string' ? { path, text } : undefined;
}
