/** Compound commands: groups, subshells, if, loops, case, (( )) and [[ ]]. */
import { evaluate, exact, expressionOf } from './arith.ts';
import type { CaseNode, CommandNode, SimpleCommandNode, StatementNode } from './ast.ts';
import type { Interpreter } from './interpreter.ts';
import { matches } from './pattern.ts';
import { BreakLoop, checkSignal, ContinueLoop, type Run, terminalsOf } from './run.ts';
import { copyState } from './state.ts';
import { conditional } from './test.ts';
import { setVariable } from './variables.ts';
import { expandPattern, expandText, expandWords } from './words.ts';

/** Runs a group, a loop, a condition; resolves with its status. */
export async function compound(sh: Interpreter, node: Exclude<CommandNode, SimpleCommandNode>, run: Run): Promise<number> {
	const { state } = run;
	const body = async (list: readonly StatementNode[]): Promise<number> => {
		await sh.statements(list, run);
		return state.status;
	};
	switch (node.type) {
		case 'Group':
			return body(node.body);
		case 'Subshell':
			return sh.subshell(node.body, { ...run, state: copyState(state) });
		case 'If': {
			for (const clause of node.clauses) {
				await sh.statements(clause.condition, { ...run, condition: true });
				if (state.status === 0) {
					return clause.body.length === 0 ? 0 : body(clause.body);
				}
			}
			return node.elseBody === null ? 0 : body(node.elseBody);
		}
		case 'While':
		case 'Until':
			return loop(
				sh,
				run,
				async () => {
					await sh.statements(node.condition, { ...run, condition: true });
					return (state.status === 0) === (node.type === 'While');
				},
				node.body,
			);
		case 'For': {
			const items = node.words === null ? state.positional : await expandWords(sh.expander(run), node.words);
			let i = 0;
			return loop(
				sh,
				run,
				async () => {
					const item = items[i++];
					if (item === undefined) return false;
					setVariable(state, node.variable, item);
					return true;
				},
				node.body,
			);
		}
		case 'CStyleFor': {
			if (node.init !== null) evaluate(state, node.init.expression);
			let first = true;
			return loop(
				sh,
				run,
				async () => {
					if (!first && node.update !== null) evaluate(state, node.update.expression);
					first = false;
					return node.condition === null || evaluate(state, node.condition.expression) !== 0;
				},
				node.body,
			);
		}
		case 'Case':
			return caseCommand(sh, node, run);
		case 'ArithmeticCommand':
			return exact(state, expressionOf(node.expression)) !== 0n ? 0 : 1;
		case 'ConditionalCommand':
			return (await conditional(sh.expander(run), node.expression, terminalsOf(run.io))) ? 0 : 1;
		default:
			return 0;
	}
}

async function loop(sh: Interpreter, run: Run, next: () => Promise<boolean>, list: readonly StatementNode[]): Promise<number> {
	const inner: Run = { ...run, loops: run.loops + 1 };
	let status = 0;
	for (;;) {
		await sh.host.breathe();
		checkSignal(run);
		if (!(await next())) return status;
		try {
			await sh.statements(list, inner);
			status = run.state.status;
		} catch (e) {
			if (!(e instanceof BreakLoop || e instanceof ContinueLoop)) throw e;
			if (e.levels > 1 && run.loops > 0) {
				e.levels--;
				throw e;
			}
			status = 0;
			if (e instanceof BreakLoop) return status;
		}
	}
}

async function caseCommand(sh: Interpreter, node: CaseNode, run: Run): Promise<number> {
	const x = sh.expander(run);
	const subject = await expandText(x, node.word);
	let falling = false;
	run.state.status = 0;
	for (const item of node.items) {
		let hit = falling;
		for (const p of item.patterns) hit ||= matches(subject, await expandPattern(x, p), run.state.shopt.get('extglob') === true);
		if (!hit) continue;
		await sh.statements(item.body, run);
		if (item.terminator === ';;') break;
		falling = item.terminator === ';&';
	}
	return run.state.status;
}
