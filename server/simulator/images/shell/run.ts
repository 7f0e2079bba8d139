/** The shell's engine: one step of the topmost frame at a time, until nothing is left, something has to be waited for, or the slice is over. */
import { arithmetic, type ExpansionContext, ExpansionError, expandPattern, expandText, expandWords, NeedsSubstitution } from './expand.ts';
import { matchesPattern } from './pattern.ts';
import { holds } from './condition.ts';
import type { Machine } from './machine.ts';
import { redirect } from './redirect.ts';
import { simpleCommand } from './command.ts';
import { startBackground } from './background.ts';
import type { Frame, Memo } from './state.ts';
import type { CommandNode, NodeOf, NodeRef, PipelineNode, StatementNode } from './syntax.ts';

type FrameOf<K extends Frame['k']> = Extract<Frame, { readonly k: K }>;

export const SIGNAL_CODES: { readonly [name: string]: number } = {
	HUP: 1,
	INT: 2,
	QUIT: 3,
	KILL: 9,
	USR1: 10,
	USR2: 12,
	TERM: 15,
	CHLD: 17,
	CONT: 18,
	STOP: 19,
};

/** Runs until the end, a wait or the end of the slice. Gives the code to exit with once the shell is done. */
export function run(m: Machine): number | 'waiting' | 'busy' {
	for (let steps = 0; ; steps++) {
		if (m.d.wait !== undefined) return 'waiting';
		const signal = m.d.pending[0];
		if (signal !== undefined) {
			m.d.pending = m.d.pending.slice(1);
			startTrap(m, signal);
			continue;
		}
		if (m.d.exiting !== undefined && m.depth === 0) {
			if (m.d.traps['EXIT'] === undefined) return m.d.exiting;
			m.d.status = m.d.exiting;
			startTrap(m, 'EXIT');
			continue;
		}
		const top = m.top();
		if (top === undefined) {
			if (m.d.mode === 'interactive') return 'waiting';
			m.d.exiting = m.d.status;
			continue;
		}
		if (steps >= m.spec.slice) return 'busy';
		step(m, top);
	}
}

function startTrap(m: Machine, signal: string): void {
	const action = m.d.traps[signal];
	if (signal === 'EXIT') {
		const { EXIT: _gone, ...rest } = m.d.traps;
		m.d.traps = rest;
	}
	if (action === undefined || action === '') return;
	m.push({ k: 'trap', status: m.d.status });
	m.load(action, false);
}

function step(m: Machine, f: Frame): void {
	switch (f.k) {
		case 'list':
			stepList(m, f);
			return;
		case 'andor':
			stepAndOr(m, f);
			return;
		case 'pipe':
			stepPipe(m, f);
			return;
		case 'not':
			m.d.status = m.d.status === 0 ? 1 : 0;
			m.d.spared = true;
			m.pop();
			return;
		case 'cmd':
			stepCommand(m, f);
			return;
		case 'if':
			stepIf(m, f);
			return;
		case 'loop':
			stepLoop(m, f);
			return;
		case 'for': {
			const node = m.node<NodeOf<'For'>>(f.n);
			const word = f.words[f.i];
			if (word === undefined) {
				m.pop();
				return;
			}
			m.set(node.variable, word);
			m.replace({ ...f, i: f.i + 1 });
			pushList(m, f.n, node.body);
			return;
		}
		case 'cfor':
			stepCFor(m, f);
			return;
		case 'capture': {
			m.pop();
			const text = m.dropBuffer(f.buffer).replace(/\n+$/, '').replaceAll('\0', '');
			m.update(
				(p) => p.k === 'cmd',
				(p) => (p.k === 'cmd' ? { ...p, memo: { parts: { ...p.memo.parts, [f.part]: text }, status: m.d.status } } : p),
			);
			return;
		}
		default:
			m.pop();
	}
}

function pushList(m: Machine, near: NodeRef, statements: readonly StatementNode[], watched = false): void {
	m.push({ k: 'list', n: m.ref(near[0], statements), i: 0, ...(watched ? { watched: true as const } : {}) });
}

/** `set -e`: a failure that nobody looks at ends the shell. True where it did. */
function failedHard(m: Machine): boolean {
	if (m.d.status === 0 || m.d.spared || !m.has('e') || m.some((f) => f.watched === true)) return false;
	m.exit(m.d.status);
	return true;
}

function stepList(m: Machine, f: FrameOf<'list'>): void {
	const statements = m.node<readonly StatementNode[]>(f.n);
	if (f.i > 0 && statements[f.i - 1]?.background !== true && failedHard(m)) return;
	const statement = statements[f.i];
	if (statement === undefined) {
		m.pop();
		return;
	}
	m.d.spared = false;
	m.replace({ ...f, i: f.i + 1 });
	const ref = m.ref(f.n[0], statement);
	if (statement.background) startBackground(m, ref);
	else m.push({ k: 'andor', n: ref, i: 0 });
}

function stepAndOr(m: Machine, f: FrameOf<'andor'>): void {
	const statement = m.node<StatementNode>(f.n);
	const count = statement.pipelines.length;
	for (let i = f.i; i < count; i++) {
		const op = i === 0 ? ';' : (statement.operators[i - 1] ?? ';');
		const wanted = op === ';' || (op === '&&') === (m.d.status === 0);
		if (!wanted) continue;
		const pipeline = statement.pipelines[i];
		if (pipeline === undefined) break;
		const last = i === count - 1;
		m.d.spared = false;
		if (last && count === 1) m.pop();
		else m.replace(last ? { k: 'andor', n: f.n, i: i + 1 } : { k: 'andor', n: f.n, i: i + 1, watched: true });
		startPipeline(m, f.n, pipeline);
		return;
	}
	// Where the last pipeline did not run, the failure was what an operator looked at.
	const ranLast = f.i === count && f.watched !== true;
	m.pop();
	if (!ranLast) m.d.spared = true;
}

function startPipeline(m: Machine, near: NodeRef, pipeline: PipelineNode): void {
	if (pipeline.negated) m.push({ k: 'not', watched: true });
	const [only] = pipeline.commands;
	if (pipeline.commands.length === 1 && only !== undefined) startCommand(m, near, only);
	else m.push({ k: 'pipe', n: m.ref(near[0], pipeline), i: 0, input: m.d.fds['0'] ?? 'in', output: m.d.fds['1'] ?? 'out', statuses: [] });
}

function startCommand(m: Machine, near: NodeRef, command: CommandNode): void {
	m.push({ k: 'cmd', n: m.ref(near[0], command), memo: { parts: {} } });
}

/** Stages run one after the other, each with the whole output of the one before. */
function stepPipe(m: Machine, f: FrameOf<'pipe'>): void {
	const pipeline = m.node<PipelineNode>(f.n);
	const statuses = f.i === 0 ? [] : [...f.statuses, m.d.status];
	const command = pipeline.commands[f.i];
	if (command === undefined) {
		m.pop();
		if (f.input.startsWith('b:')) m.dropBuffer(f.input);
		const failed = statuses.filter((s) => s !== 0);
		m.d.status = (m.has('p') ? failed.at(-1) : statuses.at(-1)) ?? 0;
		return;
	}
	const last = f.i === pipeline.commands.length - 1;
	const out = last ? f.output : m.newBuffer('');
	m.replace({ ...f, i: f.i + 1, input: last ? f.input : out, statuses });
	m.push({ k: 'sub', saved: m.surroundings() });
	m.setFds({ ...m.d.fds, 0: f.input, 1: out, ...(pipeline.pipeStderr?.[f.i] === true ? { 2: out } : {}) });
	m.d.traps = {};
	startCommand(m, f.n, command);
}

function stepIf(m: Machine, f: FrameOf<'if'>): void {
	const node = m.node<NodeOf<'If'>>(f.n);
	const clause = node.clauses[f.i];
	if (clause === undefined) {
		m.pop();
		m.d.status = 0;
		if (node.elseBody !== null) pushList(m, f.n, node.elseBody);
	} else if (!f.asked) {
		m.replace({ ...f, asked: true });
		pushList(m, f.n, clause.condition, true);
	} else if (m.d.status === 0) {
		m.pop();
		pushList(m, f.n, clause.body);
	} else m.replace({ ...f, i: f.i + 1, asked: false });
}

function stepLoop(m: Machine, f: FrameOf<'loop'>): void {
	const node = m.node<NodeOf<'While'> | NodeOf<'Until'>>(f.n);
	if (!f.asked) {
		m.replace({ ...f, asked: true, status: f.ran ? m.d.status : 0 });
		pushList(m, f.n, node.condition, true);
		return;
	}
	if ((m.d.status === 0) === (node.type === 'While')) {
		m.replace({ ...f, asked: false, ran: true });
		pushList(m, f.n, node.body);
		return;
	}
	m.pop();
	m.d.status = f.status;
}

function stepCFor(m: Machine, f: FrameOf<'cfor'>): void {
	const node = m.node<NodeOf<'CStyleFor'>>(f.n);
	const c = context(m, f.n, { parts: {} });
	if (f.started && node.update !== null) arithmetic(node.update, c);
	if (!f.started && node.init !== null) arithmetic(node.init, c);
	if (node.condition !== null && arithmetic(node.condition, c) === 0) {
		m.pop();
		return;
	}
	m.replace({ ...f, started: true });
	pushList(m, f.n, node.body);
}

function context(m: Machine, near: NodeRef, memo: Memo): ExpansionContext {
	return {
		memo,
		flavour: m.spec.flavour,
		cwd: m.process.cwd,
		noglob: m.has('f'),
		nounset: m.has('u'),
		idOf: (node) => m.ref(near[0], node)[1],
		get: (name) => m.get(name),
		set: (name, value) => m.set(name, value),
		args: () => m.d.args,
		special: (name) => m.special(name),
		list: (directory) => {
			const listed = m.process.fs.list(directory);
			return listed.ok ? listed.value : undefined;
		},
	};
}

function stepCommand(m: Machine, f: FrameOf<'cmd'>): void {
	const { vars, exported, fds } = m.d;
	const node = m.node<CommandNode>(f.n);
	try {
		enterCommand(m, f, node, context(m, f.n, f.memo));
	} catch (error) {
		m.d.vars = vars;
		m.d.exported = exported;
		m.setFds(fds);
		if (error instanceof NeedsSubstitution) {
			const buffer = m.newBuffer('');
			m.push({ k: 'capture', part: m.ref(f.n[0], error.part)[1], buffer });
			m.push({ k: 'sub', saved: m.surroundings() });
			m.setFds({ ...m.d.fds, 1: buffer });
			m.d.traps = {};
			if (typeof error.body !== 'string') pushList(m, f.n, error.body.statements);
			else if (!m.load(error.body, false)) m.exit(2);
		} else if (error instanceof ExpansionError) {
			m.complain(error.message);
			m.pop();
			if (m.d.mode === 'interactive') {
				m.unwind(() => false);
				m.d.status = 1;
			} else m.exit(m.spec.flavour === 'bash' ? 1 : 2);
		} else throw error;
	}
}

function enterCommand(m: Machine, f: FrameOf<'cmd'>, node: CommandNode, c: ExpansionContext): void {
	if (node.type === 'SimpleCommand') {
		simpleCommand(m, f, node, c, (body) => startCommand(m, m.d.functions[body] ?? f.n, m.node<CommandNode>(m.d.functions[body] ?? f.n)));
		return;
	}
	if (node.type === 'FunctionDef') {
		m.d.functions = { ...m.d.functions, [node.name]: m.ref(f.n[0], node.body) };
		m.d.status = 0;
		m.pop();
		return;
	}
	const fds = redirect(m, node.redirections, c);
	// What has to be expanded is expanded before the frame goes: a missing substitution brings us back here.
	const words = node.type === 'For' ? (node.words === null ? m.d.args : expandWords(node.words, c)) : [];
	const chosen = node.type === 'Case' ? chooseCase(node, c) : undefined;
	const status =
		node.type === 'ArithmeticCommand'
			? arithmetic(node.expression, c) === 0
				? 1
				: 0
			: node.type === 'ConditionalCommand'
				? holds(m, node.expression, c)
					? 0
					: 1
				: undefined;
	m.pop();
	if (fds === undefined) {
		m.d.status = 1;
		return;
	}
	if (fds !== m.d.fds) {
		m.push({ k: 'fds', fds: m.d.fds });
		m.setFds(fds);
	}
	switch (node.type) {
		case 'If':
			m.push({ k: 'if', n: f.n, i: 0, asked: false });
			return;
		case 'While':
		case 'Until':
			m.push({ k: 'loop', n: f.n, asked: false, ran: false, status: 0 });
			return;
		case 'For':
			m.d.status = 0;
			m.push({ k: 'for', n: f.n, words, i: 0 });
			return;
		case 'CStyleFor':
			m.push({ k: 'cfor', n: f.n, started: false });
			return;
		case 'Case':
			m.d.status = 0;
			if (chosen !== undefined) pushList(m, f.n, chosen);
			return;
		case 'Subshell':
			m.push({ k: 'sub', saved: m.surroundings() });
			m.d.traps = {};
			pushList(m, f.n, node.body);
			return;
		case 'Group':
			pushList(m, f.n, node.body);
			return;
		default:
			m.d.status = status ?? 0;
	}
}

function chooseCase(node: NodeOf<'Case'>, c: ExpansionContext): readonly StatementNode[] | undefined {
	const subject = expandText(node.word, c);
	return node.items.find((item) => item.patterns.some((p) => matchesPattern(subject, expandPattern(p, c))))?.body;
}
