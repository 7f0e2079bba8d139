/** hostname, id, date, ps, top, free, uname, env, nslookup, sums and their like: facts about the process and its pod. */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { decodeBytes, encodeText } from '../../storage-volumes/bytes.ts';
import { formatTime } from '../../kernel/time.ts';
import { idName } from './paths.ts';
import { inputs } from './inputs.ts';
import { options, resolvePath, type Utility, type UtilityContext } from './utility.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];

/** strftime over UTC. */
export function strftime(format: string, ms: number): string {
	const t = formatTime(ms);
	const day = DAYS[Math.floor(ms / 86_400_000) % 7] ?? '';
	const month = MONTHS[Number(t.slice(5, 7)) - 1] ?? '';
	const hour = Number(t.slice(11, 13));
	const values: { readonly [l: string]: string } = {
		Y: t.slice(0, 4),
		y: t.slice(2, 4),
		m: t.slice(5, 7),
		d: t.slice(8, 10),
		H: t.slice(11, 13),
		M: t.slice(14, 16),
		S: t.slice(17, 19),
		F: t.slice(0, 10),
		T: t.slice(11, 19),
		R: t.slice(11, 16),
		s: String(Math.floor(ms / 1000)),
		N: `${String(ms % 1000).padStart(3, '0')}000000`,
		Z: 'UTC',
		z: '+0000',
		a: day,
		b: month,
		h: month,
		e: String(Number(t.slice(8, 10))).padStart(2),
		I: String(hour % 12 || 12).padStart(2, '0'),
		p: hour < 12 ? 'AM' : 'PM',
		D: `${t.slice(5, 7)}/${t.slice(8, 10)}/${t.slice(2, 4)}`,
		n: '\n',
		t: '\t',
		'%': '%',
		u: String(((Math.floor(ms / 86_400_000) + 3) % 7) + 1),
		c: `${day} ${month} ${String(Number(t.slice(8, 10))).padStart(2)} ${t.slice(11, 19)} ${t.slice(0, 4)}`,
	};
	return format.replace(/%-?([A-Za-z%])/g, (all, l: string) => (all.startsWith('%-') ? (values[l] ?? all).replace(/^0(?=\d)/, '') : (values[l] ?? all)));
}

const date: Utility = (c) => {
	const o = options(c.args, 'uR', 'dI', { date: 'd', utc: 'u', 'iso-8601': 'I' });
	const format = o.rest.find((a) => a.startsWith('+'))?.slice(1);
	const given = o.given['d'];
	const ms = given?.startsWith('@') === true ? Number(given.slice(1)) * 1000 : c.process.now;
	if (o.given['I'] !== undefined) c.out(`${formatTime(ms).slice(0, 10)}\n`);
	else c.out(`${strftime(format ?? (o.given['R'] === undefined ? '%a %b %e %H:%M:%S UTC %Y' : '%a, %d %b %Y %H:%M:%S +0000'), ms)}\n`);
	return 0;
};

const env: Utility = (c) => {
	const names = c.args.filter((a) => !a.startsWith('-'));
	if (c.name === 'printenv' && names.length > 0) {
		for (const n of names) if (c.env[n] !== undefined) c.out(`${c.env[n]}\n`);
		return names.every((n) => c.env[n] !== undefined) ? 0 : 1;
	}
	for (const [n, v] of Object.entries(c.env)) if (!n.startsWith('\u0001')) c.out(`${n}=${v}\n`);
	return 0;
};

/** All groups in the kernel's order; containerd puts the primary one among them. */
const groupsOf = (c: UtilityContext): readonly number[] => [...new Set([c.process.gid, ...c.process.groups])].sort((a, b) => a - b);

const id: Utility = (c) => {
	const { uid, gid } = c.process;
	const user = idName(c, '/etc/passwd', uid);
	const group = idName(c, '/etc/group', gid);
	const flag = c.args.join('');
	if (c.name === 'whoami' || flag === '-un' || flag === '-u-n' || flag === '-nu') {
		if (user === undefined) {
			c.err(
				c.busybox
					? `${c.name}: unknown uid ${uid}\n`
					: c.name === 'whoami'
						? `whoami: cannot find name for user ID ${uid}\n`
						: `id: cannot find name for user ID ${uid}\n`,
			);
			return 1;
		}
		c.out(`${user}\n`);
	} else if (flag === '-u') c.out(`${uid}\n`);
	else if (flag === '-g') c.out(`${gid}\n`);
	else if (flag === '-G') c.out(`${groupsOf(c).join(' ')}\n`);
	else if (flag === '-gn') c.out(`${group ?? gid}\n`);
	else {
		const named = (n: number, name: string | undefined): string => (name === undefined ? String(n) : `${n}(${name})`);
		const groups = groupsOf(c).map((g) => named(g, idName(c, '/etc/group', g)));
		c.out(`uid=${named(uid, user)} gid=${named(gid, group)} groups=${groups.join(',')}\n`);
	}
	return 0;
};

/** `hostname -f`: the first name that /etc/hosts has beside the host's own. */
function canonicalName(c: Parameters<Utility>[0]): string {
	const file = c.process.fs.read('/etc/hosts');
	for (const line of file.ok ? file.value.split('\n') : []) {
		const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
		if (address !== '' && names.includes(c.process.hostname)) return names[0] ?? c.process.hostname;
	}
	return c.process.hostname;
}

const hostname: Utility = (c) => {
	if (c.args.includes('-f') || c.args.includes('--fqdn')) {
		c.out(`${canonicalName(c)}\n`);
		return 0;
	}
	c.out(`${c.args.some((a) => a === '-i' || a === '-I') ? `${c.process.podIP}${c.args.includes('-I') ? ' ' : ''}` : c.process.hostname}\n`);
	return 0;
};

const uname: Utility = (c) => {
	const parts: { readonly [l: string]: string } = {
		s: 'Linux',
		n: c.process.hostname,
		r: '6.12.48+deb13-amd64',
		v: '#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)',
		m: 'x86_64',
		o: c.busybox ? 'Linux' : 'GNU/Linux',
	};
	const flags = c.args.join('').replaceAll('-', '');
	const wanted = flags === '' ? 's' : flags.includes('a') ? 'snrvmo' : [...'snrvmo'].filter((l) => flags.includes(l)).join('');
	c.out(`${[...wanted].map((l) => parts[l]).join(' ')}\n`);
	return 0;
};

const clock = (ms: number): string => {
	const s = Math.floor(ms / 1000);
	return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
};

/** A process as it shows itself: nginx names its processes by their part. */
function title(argv: readonly string[]): string {
	return argv[0] === 'nginx' && argv.includes('daemon off;') ? `nginx: master process ${argv.join(' ')}` : argv.join(' ');
}

const ps: Utility = (c) => {
	const all = [...c.process.processes()].sort((a, b) => a.pid - b.pid);
	const user = (uid: number): string => idName(c, '/etc/passwd', uid) ?? String(uid);
	const flags = c.args.join('').replaceAll('-', '');
	if (c.busybox) {
		c.out('PID   USER     TIME  COMMAND\n');
		for (const p of all) c.out(`${String(p.pid).padStart(5)} ${user(p.uid).padEnd(8).slice(0, 8)} ${clock(0).padStart(5)} ${title(p.argv)}\n`);
	} else if (flags.includes('u')) {
		c.out('USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n');
		for (const p of all)
			c.out(
				`${user(p.uid).padEnd(8)} ${String(p.pid).padStart(7)}  0.0  0.0 ${String(Math.round(p.rss / 512)).padStart(6)} ${String(Math.round(p.rss / 1024)).padStart(5)} ?        S${p.pid === 1 ? 's' : ' '}   ${formatTime(p.startedAt).slice(11, 16)}   0:00 ${title(p.argv)}\n`,
			);
	} else if (flags.includes('f')) {
		c.out('UID          PID    PPID  C STIME TTY          TIME CMD\n');
		for (const p of all)
			c.out(
				`${user(p.uid).padEnd(8)} ${String(p.pid).padStart(7)} ${String(p.ppid).padStart(7)}  0 ${formatTime(p.startedAt).slice(11, 16)} ?        00:00:00 ${title(p.argv)}\n`,
			);
	} else {
		c.out('    PID TTY          TIME CMD\n');
		for (const p of all) c.out(`${String(p.pid).padStart(7)} ?        00:00:00 ${(p.argv[0] ?? '').split('/').at(-1)}\n`);
	}
	return 0;
};

const top: Utility = (c) => {
	const all = c.process.processes();
	c.out(
		'Mem: 3145728K used, 5242880K free, 8192K shrd, 262144K buff, 1835008K cached\nCPU:   2% usr   1% sys   0% nic  96% idle   0% io   0% irq   0% sirq\nLoad average: 0.12 0.10 0.09 1/212 7\n  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n',
	);
	for (const p of all)
		c.out(
			`${String(p.pid).padStart(5)} ${String(p.ppid).padStart(5)} ${(idName(c, '/etc/passwd', p.uid) ?? String(p.uid)).padEnd(8).slice(0, 8)} S    ${String(Math.round(p.rss / 1024)).padStart(5)}   0%   0   0% ${title(p.argv)}\n`,
		);
	return 0;
};

const free: Utility = (c) => {
	const unit = c.args.some((a) => a.includes('m')) ? 1024 : c.args.some((a) => a.includes('g')) ? 1_048_576 : 1;
	const n = (k: number): string => String(Math.floor(k / unit)).padStart(11);
	c.out(
		`${''.padEnd(14)}total        used        free      shared  buff/cache   available\nMem:    ${n(8_388_608)} ${n(3_145_728)} ${n(3_407_872)} ${n(8192)} ${n(1_835_008)} ${n(5_033_164)}\nSwap:   ${n(0)} ${n(0)} ${n(0)}\n`,
	);
	return 0;
};

const uptime: Utility = (c) => {
	const started = Math.min(c.process.now, ...c.process.processes().map((p) => p.startedAt));
	const minutes = Math.floor((c.process.now - started) / 60_000);
	c.out(
		` ${formatTime(c.process.now).slice(11, 19)} up ${minutes >= 1440 ? `${Math.floor(minutes / 1440)} days, ` : ''}${minutes % 1440 >= 60 ? `${Math.floor((minutes % 1440) / 60)}:${String(minutes % 60).padStart(2, '0')}` : `${minutes % 60} min`},  0 users,  load average: 0.12, 0.10, 0.09\n`,
	);
	return 0;
};

const sum: Utility = (c) => {
	const hash = { md5sum: md5, sha1sum: sha1, sha256sum: sha256, sha512sum: sha512 }[c.name] ?? sha256;
	const { texts, failed } = inputs(
		c,
		c.args.filter((a) => !a.startsWith('-') || a === '-'),
	);
	for (const { file, text } of texts) c.out(`${bytesToHex(hash(encodeText(text)))}  ${file}\n`);
	return failed > 0 ? 1 : 0;
};

const B64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function toBase64(bytes: Uint8Array): string {
	let out = '';
	for (let i = 0; i < bytes.length; i += 3) {
		const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
		out += `${B64[n >> 18]}${B64[(n >> 12) & 63]}${i + 1 < bytes.length ? B64[(n >> 6) & 63] : '='}${i + 2 < bytes.length ? B64[n & 63] : '='}`;
	}
	return out;
}

/** Decodes to text, bytes read as UTF-8; undefined where it is no base64. */
export function fromBase64(text: string): string | undefined {
	const clean = text.replace(/\s+/g, '').replace(/=+$/, '');
	if (/[^A-Za-z0-9+/]/.test(clean)) return undefined;
	const bytes: number[] = [];
	let held = 0;
	let bits = 0;
	for (const ch of clean) {
		held = ((held << 6) | B64.indexOf(ch)) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes.push((held >> bits) & 255);
		}
	}
	return decodeBytes(Uint8Array.from(bytes));
}

const base64: Utility = (c) => {
	const o = options(c.args, 'di', 'w', { decode: 'd', wrap: 'w' });
	const { texts, failed } = inputs(c, o.rest);
	for (const { text } of texts) {
		if (o.given['d'] !== undefined) {
			const decoded = fromBase64(text);
			if (decoded === undefined) {
				c.err(c.busybox ? 'base64: truncated input\n' : 'base64: invalid input\n');
				return 1;
			}
			c.out(decoded);
			continue;
		}
		const width = Number(o.given['w'] ?? 76);
		const encoded = toBase64(encodeText(text));
		c.out(width === 0 ? encoded : `${encoded.replace(new RegExp(`.{${width}}(?=.)`, 'g'), '$&\n')}\n`);
	}
	return failed > 0 ? 1 : 0;
};

const expr: Utility = (c) => {
	const args = [...c.args];
	let at = 0;
	const primary = (): string => {
		const t = args[at++] ?? '';
		if (t !== '(') return t;
		const v = compare();
		at++;
		return v;
	};
	const binary =
		(next: () => string, ops: readonly string[], apply: (op: string, a: string, b: string) => string): (() => string) =>
		() => {
			let left = next();
			while (ops.includes(args[at] ?? '')) left = apply(args[at++] ?? '', left, next());
			return left;
		};
	const match = binary(primary, [':'], (_op, a, b) => {
		const m = new RegExp(`^(?:${b.replace(/\\\(/g, '(').replace(/\\\)/g, ')')})`).exec(a);
		return m === null ? '0' : (m[1] ?? String(m[0].length));
	});
	const multiply = binary(match, ['*', '/', '%'], (op, a, b) =>
		String(op === '*' ? Number(a) * Number(b) : op === '/' ? Math.trunc(Number(a) / Number(b)) : Number(a) % Number(b)),
	);
	const add = binary(multiply, ['+', '-'], (op, a, b) => String(op === '+' ? Number(a) + Number(b) : Number(a) - Number(b)));
	const compare = binary(add, ['=', '==', '!=', '<', '>', '<=', '>='], (op, a, b) => {
		const numbers = /^-?\d+$/.test(a) && /^-?\d+$/.test(b);
		const [x, y] = numbers ? [Number(a), Number(b)] : [a, b];
		return { '=': x === y, '==': x === y, '!=': x !== y, '<': x < y, '>': x > y, '<=': x <= y, '>=': x >= y }[op] === true ? '1' : '0';
	});
	const value = compare();
	if (value === 'NaN') {
		c.err('expr: non-integer argument\n');
		return 2;
	}
	c.out(`${value}\n`);
	return value === '' || value === '0' ? 1 : 0;
};

const which: Utility = (c) => {
	let status = 0;
	for (const name of c.args.filter((a) => !a.startsWith('-'))) {
		const found = (c.env['PATH'] ?? '')
			.split(':')
			.map((d) => `${d}/${name}`)
			.find((p) => {
				const s = c.process.fs.stat(p);
				return s.ok && s.value.kind === 'file' && (s.value.mode & 0o111) !== 0;
			});
		if (found === undefined) status = 1;
		else c.out(`${found}\n`);
	}
	return status;
};

const nslookup: Utility = (c) => {
	const name = c.args.find((a) => !a.startsWith('-')) ?? '';
	const config = c.process.fs.read('/etc/resolv.conf');
	const server = (config.ok ? /^nameserver\s+(\S+)/m.exec(config.value)?.[1] : undefined) ?? '10.96.0.10';
	const found = c.process.resolve(name);
	if ('error' in found && found.error === 'EAI_AGAIN') {
		c.out(';; connection timed out; no servers could be reached\n\n');
		return 1;
	}
	c.out(c.busybox ? `Server:\t\t${server}\nAddress:\t${server}:53\n\n` : `Server:\t\t${server}\nAddress:\t${server}#53\n\n`);
	if ('error' in found) {
		c.out(`** server can't find ${name}: NXDOMAIN\n\n`);
		return 1;
	}
	for (const address of found.addresses) c.out(`Name:\t${found.canonical ?? name}\nAddress: ${address}\n`);
	c.out('\n');
	return 0;
};

const getent: Utility = (c) => {
	const [database, name = ''] = c.args;
	if (database === 'hosts' || database === 'ahosts') {
		const found = c.process.resolve(name);
		if ('error' in found) return 2;
		for (const a of found.addresses) c.out(`${a.padEnd(15)} ${found.canonical ?? name}\n`);
		return 0;
	}
	const content = c.process.fs.read(database === 'group' ? '/etc/group' : '/etc/passwd');
	const line = content.ok ? content.value.split('\n').find((l) => l.startsWith(`${name}:`) || l.split(':')[2] === name) : undefined;
	if (line === undefined) return 2;
	c.out(`${line}\n`);
	return 0;
};

const dd: Utility = (c) => {
	const value = (key: string): string | undefined => c.args.find((a) => a.startsWith(`${key}=`))?.slice(key.length + 1);
	const size = (text: string): number =>
		Number.parseInt(text, 10) * ({ k: 1024, K: 1024, M: 1_048_576, G: 1_073_741_824 }[/[kKMG]/.exec(text)?.[0] ?? ''] ?? 1);
	const bytes = size(value('bs') ?? '512') * Number(value('count') ?? 1);
	const input = value('if');
	// Zeroes are kept as short as they may be: files live in memory.
	const source = input === '/dev/zero' || input === '/dev/urandom' ? '\0'.repeat(Math.min(bytes, 4 * 1_048_576)) : input === undefined ? c.stdin() : undefined;
	const read = source === undefined ? c.process.fs.read(resolvePath(c.cwd, input ?? '')) : { ok: true as const, value: source };
	if (!read.ok) {
		c.err(`dd: can't open '${input}': No such file or directory\n`);
		return 1;
	}
	const output = value('of');
	if (output === undefined) c.out(read.value);
	else {
		const written = c.process.fs.write(resolvePath(c.cwd, output), read.value);
		if (!written.ok) {
			c.err(
				`dd: ${c.busybox ? `can't open '${output}'` : `failed to open '${output}'`}: ${written.error === 'EROFS' ? 'Read-only file system' : written.error === 'ENOSPC' ? 'No space left on device' : 'Permission denied'}\n`,
			);
			return 1;
		}
	}
	const count = value('count') ?? '1';
	c.err(
		`${count}+0 records in\n${count}+0 records out\n${bytes} bytes (${(bytes / 1_048_576).toFixed(1)}MB) copied, 0.001 seconds, ${(bytes / 1048.576).toFixed(1)}MB/s\n`,
	);
	return 0;
};

const constant =
	(code: number): Utility =>
	() =>
		code;
const nproc: Utility = (c) => {
	c.out('4\n');
	return 0;
};
const mktemp: Utility = (c) => {
	const path = `/tmp/tmp.${Array.from({ length: 10 }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'[Math.floor(c.process.random() * 62)]).join('')}`;
	const made = c.args.includes('-d') ? c.process.fs.mkdir(path, { mode: 0o700 }) : c.process.fs.write(path, '', { mode: 0o600 });
	if (!made.ok) {
		c.err(c.busybox ? 'mktemp: (null): Read-only file system\n' : `mktemp: failed to create file via template ‘/tmp/tmp.XXXXXXXXXX’: Read-only file system\n`);
		return 1;
	}
	c.out(`${path}\n`);
	return 0;
};
const killUtility: Utility = (c: UtilityContext) => {
	const [first = ''] = c.args;
	const signal = first.startsWith('-') ? first.slice(1).replace(/^SIG/, '') : 'TERM';
	const name = { '9': 'KILL', '15': 'TERM', '1': 'HUP', '2': 'INT', '3': 'QUIT', '10': 'USR1', '12': 'USR2' }[signal] ?? signal;
	const wanted = c.args.filter((a) => !a.startsWith('-'));
	let status = 0;
	const byName = c.name === 'pkill' || c.name === 'killall';
	const targets = byName
		? c.process
				.processes()
				.filter((p) => p.pid !== c.process.pid && wanted.some((w) => title(p.argv).includes(w)))
				.map((p) => p.pid)
		: wanted.map(Number);
	if (byName && targets.length === 0) return 1;
	for (const pid of targets) {
		if (!(['TERM', 'KILL', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'STOP', 'CONT'] as const).some((s) => s === name && c.process.kill(pid, `SIG${s}`))) {
			c.err(`${c.name}: can't kill pid ${pid}: No such process\n`);
			status = 1;
		}
	}
	return status;
};
const pgrep: Utility = (c) => {
	const wanted = c.args.filter((a) => !a.startsWith('-'));
	const found = c.process
		.processes()
		.filter((p) => p.pid !== c.process.pid && wanted.some((w) => (c.args.some((a) => /^-\w*f/.test(a)) ? title(p.argv) : (p.argv[0] ?? '')).includes(w)));
	for (const p of found) c.out(`${p.pid}\n`);
	return found.length > 0 ? 0 : 1;
};
const clear: Utility = (c) => {
	c.out('\u001b[H\u001b[2J\u001b[3J');
	return 0;
};
const mount: Utility = (c) => {
	const target = c.args.at(-1);
	if (c.args.length > 0) {
		c.err(`mount: ${c.busybox ? `mounting ${c.args.at(-2) ?? ''} on ${target} failed: Permission denied` : `${target}: permission denied.`}\n`);
		return 1;
	}
	c.out(
		'overlay on / type overlay (rw,relatime)\nproc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\ntmpfs on /dev type tmpfs (rw,nosuid,size=65536k,mode=755)\n',
	);
	return 0;
};

export const SYSTEM: { readonly [name: string]: Utility } = {
	date,
	env,
	printenv: env,
	id,
	whoami: id,
	hostname,
	uname,
	ps,
	top,
	free,
	uptime,
	md5sum: sum,
	sha1sum: sum,
	sha256sum: sum,
	sha512sum: sum,
	base64,
	expr,
	which,
	nslookup,
	getent,
	dd,
	nproc,
	mktemp,
	kill: killUtility,
	pkill: killUtility,
	killall: killUtility,
	pgrep,
	clear,
	mount,
	sync: constant(0),
	true: constant(0),
	false: constant(1),
};
