/** redis-cli: one command from its arguments, or a prompt. */
import type { Process, Program } from '../program.ts';
import { encode, splitWords } from './commands.ts';

interface Data {
	readonly host: string;
	readonly port: number;
	readonly auth: readonly string[];
	readonly interactive: boolean;
	readonly buffer: string;
	readonly queue: readonly (readonly string[])[];
	readonly ended: boolean;
	readonly formatted: boolean;
}

type Cli = Process<Data>;

const array = (words: readonly string[]): string => encode({ t: 'array', items: words.map((text) => ({ t: 'bulk', text })) });

/** One reply off the front of what came: as a terminal shows it (types and quotes) or bare, and where the next begins. */
export function showReply(data: string, at: number, formatted: boolean, indent = ''): { readonly text: string; readonly next: number } {
	const end = data.indexOf('\r\n', at);
	const head = data.slice(at + 1, end);
	const next = end + 2;
	switch (data[at]) {
		case '+':
			return { text: head, next };
		case '-':
			return { text: formatted ? `(error) ${head}` : head, next };
		case ':':
			return { text: formatted ? `(integer) ${head}` : head, next };
		case '$': {
			const length = Number(head);
			if (length < 0) return { text: formatted ? '(nil)' : '', next };
			const text = data.slice(next, next + length);
			const multiline = text.includes('\r\n');
			return { text: formatted && !multiline ? `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"` : text, next: next + length + 2 };
		}
		case '*': {
			const count = Number(head);
			if (count <= 0) return { text: formatted ? '(empty array)' : '', next };
			const lines: string[] = [];
			let from = next;
			for (let i = 1; i <= count; i++) {
				const number = `${String(i).padStart(String(count).length)}) `;
				const item = showReply(data, from, formatted, `${indent}${' '.repeat(number.length)}`);
				from = item.next;
				lines.push(formatted ? `${i === 1 ? '' : indent}${number}${item.text}` : item.text);
			}
			return { text: lines.join('\n'), next: from };
		}
		default:
			return { text: '', next: data.length };
	}
}

function prompt(process: Cli): void {
	if (process.data.interactive) process.stdout(`${process.data.host}:${process.data.port}> `);
	process.readStdin();
}

function step(process: Cli): void {
	const [words, ...queue] = process.data.queue;
	if (words === undefined) {
		if (process.data.ended) process.exit(0);
		else prompt(process);
		return;
	}
	if (/^(quit|exit)$/i.test(words[0] ?? '')) {
		process.exit(0);
		return;
	}
	if (words[0]?.toLowerCase() === 'auth') process.data = { ...process.data, auth: words };
	process.data = { ...process.data, queue };
	const { host, port, auth } = process.data;
	const login = auth.length > 0 && words !== auth ? array(auth) : '';
	process.dial({ host, port, request: { protocol: 'tcp', data: `${login}${array(words)}` } }, login === '' ? 'reply' : 'reply after auth');
}

export const redisCli = (version: string): Program<Data> => ({
	name: 'redis-cli',
	start(process) {
		const args = process.argv.slice(1);
		let host = '127.0.0.1';
		let port = 6379;
		let password = process.env['REDISCLI_AUTH'] ?? '';
		let user: string | undefined;
		let i = 0;
		for (; i < args.length && args[i]?.startsWith('-') === true; i++) {
			const flag = args[i];
			if (flag === '-h') host = args[++i] ?? host;
			else if (flag === '-p') port = Number(args[++i]);
			else if (flag === '-a' || flag === '--pass') password = args[++i] ?? '';
			else if (flag === '--user') user = args[++i];
			else if (flag === '-u') {
				const m = /^redis:\/\/(?:([^:@]*):)?(?:([^@]*)@)?([^:/]+)(?::(\d+))?/.exec(args[++i] ?? '');
				host = m?.[3] ?? host;
				port = Number(m?.[4] ?? port);
				password = m?.[2] ?? password;
			} else if (flag === '-n' || flag === '-r' || flag === '-i') i++;
			else if (flag === '--version' || flag === '-v') {
				process.stdout(`redis-cli ${version}\n`);
				process.exit(0);
				return;
			}
		}
		if (args.includes('-a') || args.includes('--pass'))
			process.stderr("Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n");
		const words = args.slice(i);
		process.data = {
			host,
			port,
			auth: password === '' ? [] : ['AUTH', ...(user === undefined ? [] : [user]), password],
			interactive: words.length === 0 && process.tty,
			buffer: '',
			queue: words.length === 0 ? [] : [words],
			ended: words.length > 0,
			formatted: process.tty,
		};
		step(process);
	},
	onReply(process, token, outcome) {
		if (!outcome.ok || outcome.response.protocol !== 'tcp') {
			const d = process.data;
			const why = outcome.ok
				? 'Protocol error'
				: ({
						ECONNREFUSED: 'Connection refused',
						ENOTFOUND: 'Name or service not known',
						EAI_AGAIN: 'Temporary failure in name resolution',
						ETIMEDOUT: 'Connection timed out',
						EHOSTUNREACH: 'No route to host',
					}[outcome.error as string] ?? 'Connection reset by peer');
			process.stderr(`Could not connect to Redis at ${d.host}:${d.port}: ${why}\n`);
			if (d.ended || !d.interactive) process.exit(1);
			else step(process);
			return;
		}
		const { data } = outcome.response;
		let at = 0;
		if (token === 'reply after auth') {
			const login = showReply(data, 0, false);
			if (data.startsWith('-')) process.stderr(`AUTH failed: ${login.text}\n`);
			at = login.next;
		}
		process.stdout(`${showReply(data, at, process.data.formatted).text}\n`);
		step(process);
	},
	onStdin(process, data) {
		const text = process.data.buffer + (data ?? '');
		const lines = text.split('\n');
		const buffer = data === null ? '' : (lines.pop() ?? '');
		const queue = lines.map((l) => splitWords(l)).filter((w) => w !== undefined && w.length > 0) as readonly (readonly string[])[];
		process.data = { ...process.data, buffer, queue: [...process.data.queue, ...queue], ended: data === null };
		step(process);
	},
	editsLines: () => true,
});
