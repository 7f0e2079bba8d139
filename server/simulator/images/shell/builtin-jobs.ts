/** Signals, jobs and time: trap, kill, wait, sleep. */
import type { Signal } from '../program.ts';
import { seconds } from '../utilities/duration.ts';
import type { Machine } from './machine.ts';
import type { Builtin } from './builtin.ts';

const SIGNALS: { readonly [name: string]: number } = { EXIT: 0, HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, TERM: 15, CHLD: 17, CONT: 18, STOP: 19 };

function signalName(text: string): string | undefined {
	if (/^\d+$/.test(text)) return Object.entries(SIGNALS).find(([, n]) => n === Number(text))?.[0];
	const name = text.toUpperCase().replace(/^SIG/, '');
	return SIGNALS[name] === undefined ? undefined : name;
}

const trap: Builtin = (m, args) => {
	if (args.length === 0) {
		for (const [s, action] of Object.entries(m.d.traps)) m.write(1, `trap -- '${action}' ${s}\n`);
		return 0;
	}
	const [action = '', ...signals] = args[0] === '--' ? args.slice(1) : args;
	const reset = action === '-' || (signals.length === 0 && signalName(action) !== undefined);
	for (const s of signals.length === 0 ? [action] : signals) {
		const name = signalName(s);
		if (name === undefined) {
			m.complain(`trap: ${s}: ${m.spec.flavour === 'ash' ? 'invalid signal specification' : 'bad trap'}`);
			return 1;
		}
		const { [name]: _old, ...rest } = m.d.traps;
		m.d.traps = reset ? rest : { ...rest, [name]: action };
	}
	return 0;
};

const kill: Builtin = (m, args) => {
	let signal = 'TERM';
	let rest = args;
	if (rest[0] === '-l') {
		m.write(
			1,
			`${Object.keys(SIGNALS)
				.filter((s) => s !== 'EXIT')
				.join(' ')}\n`,
		);
		return 0;
	}
	if (rest[0] === '-s') {
		signal = signalName(rest[1] ?? '') ?? '';
		rest = rest.slice(2);
	} else if (rest[0]?.startsWith('-') === true && rest[0] !== '--') {
		signal = rest[0] === '-0' ? '0' : (signalName(rest[0].slice(1)) ?? '');
		rest = rest.slice(1);
	}
	if (signal === '') {
		m.complain(`kill: bad signal name '${args[0]?.slice(1) ?? ''}'`);
		return 1;
	}
	let status = 0;
	// -1: everybody but pid 1 and the caller (kill(2)).
	const targets = rest.flatMap((t) =>
		t === '-1' ? m.process.processes().flatMap((p) => (p.pid === 1 || p.pid === m.process.pid ? [] : [String(p.pid)])) : [t],
	);
	for (const target of targets) {
		const pid = target.startsWith('%') ? (m.d.background ?? 0) : Number(target);
		const there = m.process.processes().some((p) => p.pid === pid);
		if (!there || (signal !== '0' && !m.process.kill(pid, `SIG${signal}` as Signal))) {
			m.complain(
				m.spec.flavour === 'ash'
					? `can't kill pid ${target}: No such process`
					: m.spec.flavour === 'bash'
						? `kill: (${target}) - No such process`
						: 'kill: No such process\n'.trim(),
			);
			status = 1;
		}
	}
	return status;
};

const wait: Builtin = (m, args) => {
	const any = args.includes('-n');
	const named = args.filter((a) => a !== '-n').map((a) => (a.startsWith('%') ? (m.d.background ?? 0) : Number(a)));
	const pids = named.length > 0 ? named : Object.entries(m.d.jobs).flatMap(([pid, code]) => (code === null ? [Number(pid)] : []));
	const unknown = named.find((p) => m.d.jobs[p] === undefined);
	if (unknown !== undefined) return 127;
	if (pids.length === 0) return 0;
	const over = waitOver(m, pids, any);
	if (over !== undefined) return over;
	m.wait({ t: 'jobs', pids, ...(any ? { any: true as const } : {}) });
	return undefined;
};

/** Has a finished `wait` come back: the status, or undefined where it goes on. */
export function waitOver(m: Machine, pids: readonly number[], any: boolean): number | undefined {
	const codes = pids.map((p) => m.d.jobs[p]);
	const done = any ? codes.some((c) => c !== null && c !== undefined) : codes.every((c) => c !== null);
	if (!done) return undefined;
	const code = any ? codes.find((c) => c !== null && c !== undefined) : codes.at(-1);
	m.d.jobs = Object.fromEntries(Object.entries(m.d.jobs).filter(([p, c]) => !(pids.includes(Number(p)) && c !== null)));
	return code ?? 0;
}

const sleep: Builtin = (m, args) => {
	let total = 0;
	for (const a of args) {
		const value = seconds(a);
		if (value === undefined) {
			m.write(
				2,
				m.spec.flavour === 'ash' ? `sleep: invalid number '${a}'\n` : `sleep: invalid time interval '${a}'\nTry 'sleep --help' for more information.\n`,
			);
			return 1;
		}
		total += value;
	}
	if (args.length === 0) {
		m.write(
			2,
			m.spec.flavour === 'ash'
				? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: sleep [N]...\n'
				: "sleep: missing operand\nTry 'sleep --help' for more information.\n",
		);
		return 1;
	}
	m.d.status = 0;
	if (total === Number.POSITIVE_INFINITY) {
		m.wait({ t: 'timer', token: 'sleep' });
		return undefined;
	}
	m.wait({ t: 'timer', token: 'sleep' });
	m.process.timer(total * 1000, 'sleep');
	return undefined;
};

export const JOB_BUILTINS: { readonly [name: string]: Builtin } = { trap, kill, wait, sleep };
