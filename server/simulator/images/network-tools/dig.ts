/** dig of BIND: what a name's address records are, in its layout. Pods' resolver knows IPv4 addresses only: other types are refused, not answered with nothing. */
import type { Process, Program } from '../program.ts';
import { strftime } from '../utilities/date.ts';

interface Query {
	readonly name: string;
	readonly type: string;
	readonly short: boolean;
	readonly search: boolean;
	readonly server: string | undefined;
	readonly sections: boolean;
}

/** AAAA truthfully has no answer in a cluster of IPv4. */
const ANSWERED = new Set(['A', 'AAAA']);
const TYPES = new Set(['A', 'AAAA', 'SRV', 'CNAME', 'MX', 'NS', 'TXT', 'PTR', 'SOA', 'ANY']);

function parse(argv: readonly string[]): Query {
	let q: Query = { name: '.', type: 'A', short: false, search: false, server: undefined, sections: true };
	for (let i = 1; i < argv.length; i++) {
		const arg = argv[i] ?? '';
		if (arg.startsWith('@')) q = { ...q, server: arg.slice(1) };
		else if (arg === '+short') q = { ...q, short: true };
		else if (arg === '+search') q = { ...q, search: true };
		else if (arg === '+noall') q = { ...q, sections: false };
		else if (arg.startsWith('+')) continue;
		else if (arg === '-t' || arg === '-q') {
			const value = argv[++i] ?? '';
			q = arg === '-t' ? { ...q, type: value.toUpperCase() } : { ...q, name: value };
		} else if (TYPES.has(arg.toUpperCase())) q = { ...q, type: arg.toUpperCase() };
		else if (arg !== 'IN') q = { ...q, name: arg };
	}
	return q;
}

/** Names that a query asks for, in order: without +search only the one that is written. */
const written = (name: string, search: boolean): string => (search || name.endsWith('.') ? name : `${name}.`);

function addresses(process: Process<null>, q: Query): { readonly name: string; readonly found: readonly string[] } | 'NXDOMAIN' | 'timeout' {
	const found = process.resolve(written(q.name, q.search));
	if ('error' in found) return found.error === 'ENOTFOUND' ? 'NXDOMAIN' : 'timeout';
	return { name: found.canonical ?? q.name.replace(/\.$/, ''), found: q.type === 'A' ? found.addresses : [] };
}

function print(process: Process<null>, q: Query): number {
	const config = process.fs.read('/etc/resolv.conf');
	const server = q.server ?? (config.ok ? /^nameserver\s+(\S+)/m.exec(config.value)?.[1] : undefined) ?? '10.96.0.10';
	const result = addresses(process, q);
	if (result === 'timeout') {
		process.stdout(`;; communications error to ${server}#53: timed out\n;; no servers could be reached\n`);
		return 9;
	}
	const name = result === 'NXDOMAIN' ? q.name.replace(/\.$/, '') : result.name;
	const records = result === 'NXDOMAIN' ? [] : result.found;
	const answer = records.map((address) => `${`${name}.`.padEnd(39)} 30\tIN\tA\t${address}`);
	if (q.short) {
		process.stdout(records.map((r) => `${r}\n`).join(''));
		return 0;
	}
	if (!q.sections) {
		process.stdout(answer.map((r) => `${r}\n`).join(''));
		return 0;
	}
	const id = 10_000 + Math.floor(process.random() * 50_000);
	const lines = [
		'',
		`; <<>> DiG 9.20.15 <<>> ${process.argv.slice(1).join(' ')}`,
		';; global options: +cmd',
		';; Got answer:',
		`;; ->>HEADER<<- opcode: QUERY, status: ${result === 'NXDOMAIN' ? 'NXDOMAIN' : 'NOERROR'}, id: ${id}`,
		`;; flags: qr aa rd; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: ${records.length === 0 ? 1 : 0}, ADDITIONAL: 1`,
		';; WARNING: recursion requested but not available',
		'',
		';; OPT PSEUDOSECTION:',
		'; EDNS: version: 0, flags:; udp: 1232',
		';; QUESTION SECTION:',
		`;${`${name}.`.padEnd(38)} IN\t${q.type}`,
		'',
		...(records.length === 0
			? [';; AUTHORITY SECTION:', 'cluster.local.\t\t30\tIN\tSOA\tns.dns.cluster.local. hostmaster.cluster.local. 1763675000 7200 1800 86400 30', '']
			: [';; ANSWER SECTION:', ...answer, '']),
		';; Query time: 0 msec',
		`;; SERVER: ${server}#53(${server}) (UDP)`,
		`;; WHEN: ${strftime('%a %b %d %T UTC %Y', process.now)}`,
		`;; MSG SIZE  rcvd: ${80 + records.length * 16}`,
		'',
	];
	process.stdout(`${lines.join('\n')}\n`);
	return 0;
}

export const digProgram: Program<null> = {
	name: 'dig',
	start(process) {
		process.data = null;
		if (process.argv.includes('-v')) {
			process.stdout('DiG 9.20.15\n');
			process.exit(0);
			return;
		}
		const query = parse(process.argv);
		if (!ANSWERED.has(query.type)) {
			process.stderr(`dig: the simulated resolver answers A and AAAA, not ${query.type}\n`);
			process.exit(1);
			return;
		}
		process.exit(print(process, query));
	},
};
