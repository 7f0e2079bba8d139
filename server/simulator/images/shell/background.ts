/** `&`: a forked shell, which is a process of its own that starts with a copy of this one's state. */
import { FORK_VARIABLE, type Machine } from './machine.ts';
import type { Fds, ShellData } from './state.ts';
import { START } from './state.ts';
import type { NodeRef } from './syntax.ts';

type Inherited = Pick<ShellData, 'sources' | 'vars' | 'exported' | 'functions' | 'name' | 'args' | 'options' | 'fds'> & { readonly statement: NodeRef };

export function startBackground(m: Machine, statement: NodeRef): void {
	const { sources, vars, exported, functions, name, args, options } = m.d;
	const fds: Fds = Object.fromEntries(Object.entries(m.d.fds).map(([fd, sink]) => [fd, fd === '0' || sink.startsWith('b:') ? 'null' : sink]));
	const inherited: Inherited = { sources, vars, exported, functions, name, args, options, fds, statement };
	const env = { ...m.environment(), [FORK_VARIABLE]: JSON.stringify(inherited) };
	const started = m.process.spawn([m.spec.path, ...m.process.argv.slice(1)], { env, cwd: m.process.cwd, stdin: '', token: 'job' });
	if (!started.ok) {
		m.complain("can't fork");
		m.d.status = 2;
		return;
	}
	m.d.background = started.value;
	m.d.jobs = { ...m.d.jobs, [started.value]: null };
	m.d.status = 0;
	if (m.d.mode === 'interactive') m.write(2, `[1] ${started.value}\n`);
}

/** The state a forked shell starts with. */
export function forkedState(text: string): ShellData {
	const { statement, ...inherited } = JSON.parse(text) as Inherited;
	return { ...START, ...inherited, mode: 'script', frames: [{ k: 'andor', n: statement, i: 0 }] };
}
