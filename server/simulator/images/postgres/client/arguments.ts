/** The command lines of psql, pg_isready and pg_dump: where to connect, as whom, and what to do there. */
import type { Process } from '../../program.ts';

export interface Target {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly database: string;
	readonly password: string;
}

export interface Arguments {
	readonly target: Target;
	readonly commands: readonly string[];
	readonly files: readonly string[];
	readonly flags: string;
	readonly output?: string;
	readonly timeoutMs: number;
}

const LONG: { readonly [name: string]: string } = {
	host: 'h',
	port: 'p',
	username: 'U',
	dbname: 'd',
	command: 'c',
	file: 'f',
	'tuples-only': 't',
	'no-align': 'A',
	quiet: 'q',
	'no-password': 'w',
	list: 'l',
	timeout: 'T',
	expanded: 'x',
	table: 'b',
	'data-only': 'a',
	'schema-only': 's',
	'field-separator': 'F',
	version: 'V',
};

/** The client's own user is the operating system's, by name, as libpq takes it. */
function systemUser(process: Process<never>): string {
	const content = process.fs.read('/etc/passwd');
	return (
		(content.ok
			? content.value
					.split('\n')
					.find((l) => l.split(':')[2] === String(process.uid))
					?.split(':')[0]
			: undefined) ?? 'root'
	);
}

/** Options come before what a URI says, and that before the environment. */
export function parseArguments(process: Process<never>): Arguments {
	const env = process.env;
	const given: { [letter: string]: string } = {};
	const commands: string[] = [];
	const files: string[] = [];
	const rest: string[] = [];
	let flags = '';
	const valued = 'hpUdcfTbFvPo';
	const take = (letter: string, value: string): void => {
		if (letter === 'c') commands.push(value);
		else if (letter === 'f') files.push(value);
		else given[letter] = value;
	};
	for (let i = 1; i < process.argv.length; i++) {
		const arg = process.argv[i] ?? '';
		const long = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(arg);
		if (long !== null) {
			const letter = LONG[long[1] ?? ''] ?? '';
			if (letter !== '' && valued.includes(letter)) take(letter, long[2] ?? process.argv[++i] ?? '');
			else flags += letter;
		} else if (/^-./.test(arg)) {
			for (let j = 1; j < arg.length; j++) {
				const letter = arg[j] ?? '';
				const value = (letter === 't' || letter === 'T') && process.argv[0]?.endsWith('pg_isready') === true ? 'T' : letter;
				if (valued.includes(value)) {
					take(value, arg.slice(j + 1) !== '' ? arg.slice(j + 1) : (process.argv[++i] ?? ''));
					break;
				}
				flags += letter;
			}
		} else rest.push(arg);
	}
	const uri = [given['d'] ?? '', ...rest].find((a) => /^postgres(ql)?:\/\//.test(a));
	const u = /^\w+:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^:/?]*)(?::(\d+))?(?:\/([^?]*))?/.exec(uri ?? '');
	const positional = rest.filter((r) => r !== uri);
	const user = given['U'] ?? u?.[1] ?? positional[1] ?? env['PGUSER'] ?? systemUser(process);
	return {
		target: {
			host: given['h'] ?? u?.[3] ?? env['PGHOST'] ?? '',
			port: Number(given['p'] ?? u?.[4] ?? env['PGPORT'] ?? 5432),
			user,
			database: (uri === undefined ? given['d'] : undefined) ?? u?.[5] ?? positional[0] ?? env['PGDATABASE'] ?? user,
			password: u?.[2] === undefined ? (env['PGPASSWORD'] ?? '') : decodeURIComponent(u[2]),
		},
		commands,
		files,
		flags,
		...(given['b'] === undefined ? {} : { output: given['b'] }),
		timeoutMs: Number(given['T'] ?? env['PGCONNECT_TIMEOUT'] ?? 0) * 1000,
	};
}
