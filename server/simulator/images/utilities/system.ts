/** env, uname, free, uptime, mount and their like: facts about a process and its machine, and the table of all such utilities. */
import { hexdump } from './hexdump.ts';
import { ip } from './ip.ts';
import { formatTime } from '../../kernel/time.ts';
import { base64 } from './base64.ts';
import { date } from './date.ts';
import { dd } from './dd.ts';
import { expr } from './expr.ts';
import { id } from './id.ts';
import { getent, hostname } from './names.ts';
import { busyboxNslookup } from './nslookup.ts';
import { killUtility, pgrep, ps, top } from './processes.ts';
import { sum } from './sums.ts';
import type { Utility } from './utility.ts';

const env: Utility = (c) => {
	const names = c.args.filter((a) => !a.startsWith('-'));
	if (c.name === 'printenv' && names.length > 0) {
		for (const n of names) if (c.env[n] !== undefined) c.out(`${c.env[n]}\n`);
		return names.every((n) => c.env[n] !== undefined) ? 0 : 1;
	}
	for (const [n, v] of Object.entries(c.env)) if (!n.startsWith('\u0001')) c.out(`${n}=${v}\n`);
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

const clear: Utility = (c) => {
	c.out('\u001b[H\u001b[2J\u001b[3J');
	return 0;
};

/** `sysctl name…`, with `-n` for the values alone; nothing is set from within. */
const sysctl: Utility = (c) => {
	let failed = false;
	for (const name of c.args.filter((a) => !a.startsWith('-'))) {
		const [key = '', value] = name.split('=');
		const file = c.process.fs.read(`/proc/sys/${key.replaceAll('.', '/')}`);
		if (!file.ok) c.err(`sysctl: error: '${key}' is an unknown key\n`);
		else if (value !== undefined) c.err(`sysctl: error setting key '${key}': Read-only file system\n`);
		else c.out(c.args.includes('-n') ? file.value : `${key} = ${file.value}`);
		failed ||= !file.ok || value !== undefined;
	}
	return failed ? 1 : 0;
};
const mount: Utility = (c) => {
	const target = c.args.at(-1);
	if (c.args.length > 0) {
		c.err(`mount: ${c.busybox ? `mounting ${c.args.at(-2) ?? ''} on ${target} failed: Permission denied` : `${target}: permission denied.`}\n`);
		return 1;
	}
	const mounts = c.process.fs.read('/proc/mounts');
	for (const line of mounts.ok ? mounts.value.trimEnd().split('\n') : []) {
		const [device = '', path = '', type = '', options = ''] = line.split(' ');
		c.out(`${device} on ${path} type ${type} (${options})\n`);
	}
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
	nslookup: busyboxNslookup,
	getent,
	dd,
	nproc,
	mktemp,
	kill: killUtility,
	pkill: killUtility,
	killall: killUtility,
	pgrep,
	clear,
	hexdump,
	ip,
	mount,
	sysctl,
	sync: constant(0),
	true: constant(0),
	false: constant(1),
};
