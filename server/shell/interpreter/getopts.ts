/** getopts, mapfile, pushd, popd, dirs. */
import { type Builtin, complain } from './builtin.ts';
import { type Input, readLine } from './streams.ts';
import { parameter, setVariable, setVariableWhole } from './variables.ts';

/** Where in a cluster of options `getopts` stands: `OPTIND` alone does not say. Kept beside the positional parameters it belongs to. */
const places = new WeakMap<object, { index: number; letter: number }>();

export const getopts: Builtin = async (_sh, args, run) => {
	const [spec = '', name, ...given] = args;
	if (name === undefined) return complain(run, 'getopts: usage: getopts optstring name [arg ...]', 2);
	const s = run.state;
	const list = given.length > 0 ? given : s.positional;
	const silent = spec.startsWith(':');
	let index = Number(parameter(s, 'OPTIND') ?? 1) || 1;
	const place = places.get(s.positional);
	const letter = place !== undefined && place.index === index ? place.letter : 1;
	const word = list[index - 1];
	const end = (at: number): number => {
		setVariable(s, name, '?');
		setVariable(s, 'OPTIND', String(at));
		places.delete(s.positional);
		return 1;
	};
	if (word === undefined || !/^-./.test(word)) return end(index);
	if (word === '--') return end(index + 1);
	const option = word[letter] ?? '';
	const at = spec.indexOf(option, silent ? 1 : 0);
	let next = letter + 1;
	const step = (): void => {
		if (next >= word.length) {
			index++;
			next = 1;
		}
		setVariable(s, 'OPTIND', String(index));
		places.set(s.positional, { index, letter: next });
	};
	if (at < 0 || option === ':') {
		step();
		setVariable(s, name, '?');
		if (silent) setVariable(s, 'OPTARG', option);
		else {
			s.variables.delete('OPTARG');
			run.io.error.write(`${s.name}: illegal option -- ${option}\n`);
		}
		return 0;
	}
	if (spec[at + 1] !== ':') {
		step();
		s.variables.delete('OPTARG');
		setVariable(s, name, option);
		return 0;
	}
	const value = next < word.length ? word.slice(next) : list[index];
	index += next < word.length ? 1 : 2;
	next = 1;
	setVariable(s, 'OPTIND', String(Math.min(index, list.length + 1)));
	places.delete(s.positional);
	if (value === undefined) {
		setVariable(s, name, silent ? ':' : '?');
		if (silent) setVariable(s, 'OPTARG', option);
		else run.io.error.write(`${s.name}: option requires an argument -- ${option}\n`);
		return 0;
	}
	setVariable(s, 'OPTARG', value);
	setVariable(s, name, option);
	return 0;
};

export const mapfile: Builtin = async (_sh, args, run) => {
	let trim = false;
	let most = Number.POSITIVE_INFINITY;
	let skip = 0;
	let input: Input = run.io.input;
	let name = 'MAPFILE';
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (a === '-t') trim = true;
		else if (a === '-n') most = Number(args[++i]) || most;
		else if (a === '-s') skip = Number(args[++i]);
		else if (a === '-u') {
			const from = run.io.extra.get(Number(args[++i]));
			if (from !== undefined && 'read' in from) input = from;
		} else if (a === '-d' || a === '-O' || a === '-C' || a === '-c') i++;
		else name = a;
	}
	const lines: string[] = [];
	for (let got = await readLine(input); got !== null && lines.length < most; got = lines.length < most ? await readLine(input) : null) {
		if (skip-- > 0) continue;
		lines.push(trim || got.ended ? got.line : `${got.line}\n`);
	}
	setVariableWhole(run.state, name, lines);
	return 0;
};

const shown = (path: string, home: string | undefined): string =>
	home !== undefined && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path;

export const dirs: Builtin = async (_sh, args, run) => {
	const all = [run.state.cwd, ...(run.state.folders ?? [])];
	if (args[0] === '-c') run.state.folders = [];
	else run.io.output.write(`${all.map((f) => shown(f, parameter(run.state, 'HOME'))).join(args[0] === '-p' ? '\n' : ' ')}\n`);
	return 0;
};

export const pushd: Builtin = async (sh, args, run) => {
	const s = run.state;
	const before = s.cwd;
	const [first, ...others] = s.folders ?? [];
	const target = args[0] ?? first;
	if (target === undefined) return complain(run, 'pushd: no other directory');
	const status = await sh.execute('cd', [target], {
		...run,
		io: { ...run.io, error: { ...run.io.error, write: (t) => run.io.error.write(t.replace('cd: ', 'pushd: ')) } },
	});
	if (status !== 0) return status;
	s.folders = [before, ...(args[0] === undefined ? others : (s.folders ?? []))];
	return dirs(sh, [], run, 'dirs');
};

export const popd: Builtin = async (sh, _args, run) => {
	const [first, ...others] = run.state.folders ?? [];
	if (first === undefined) return complain(run, 'popd: directory stack empty');
	const status = await sh.execute('cd', [first], run);
	if (status !== 0) return status;
	run.state.folders = others;
	return dirs(sh, [], run, 'dirs');
};
