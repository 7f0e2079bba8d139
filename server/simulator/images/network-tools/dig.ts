/** dig of BIND: what the name servers say of a name, in its layout. */
import type { DnsRecord, DnsReply, DnsType } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { strftime } from '../utilities/date.ts';

interface Query {
	readonly name: string;
	readonly type: DnsType;
	readonly short: boolean;
	readonly search: boolean;
	readonly server: string | undefined;
	readonly sections: boolean;
	/** `+answer` behind `+noall`. */
	readonly answer: boolean;
}

const TYPES: readonly DnsType[] = ['A', 'AAAA', 'SRV', 'CNAME', 'MX', 'NS', 'TXT', 'PTR', 'SOA', 'ANY'];
const typeOf = (text: string): DnsType | undefined => TYPES.find((t) => t === text.toUpperCase());

function parse(argv: readonly string[]): Query {
	let q: Query = { name: '.', type: 'A', short: false, search: false, server: undefined, sections: true, answer: false };
	for (let i = 1; i < argv.length; i++) {
		const arg = argv[i] ?? '';
		const type = typeOf(arg);
		if (arg.startsWith('@')) q = { ...q, server: arg.slice(1) };
		else if (arg === '+short') q = { ...q, short: true };
		else if (arg === '+search') q = { ...q, search: true };
		else if (arg === '+noall') q = { ...q, sections: false };
		else if (arg === '+answer') q = { ...q, answer: true };
		else if (arg.startsWith('+')) continue;
		else if (arg === '-x') q = { ...q, type: 'PTR', name: `${(argv[++i] ?? '').split('.').reverse().join('.')}.in-addr.arpa` };
		else if (arg === '-t' || arg === '-q') {
			const value = argv[++i] ?? '';
			q = arg === '-t' ? { ...q, type: typeOf(value) ?? q.type } : { ...q, name: value };
		} else if (type !== undefined) q = { ...q, type };
		else if (arg !== 'IN') q = { ...q, name: arg };
	}
	return q;
}

/** Names that a query asks for, in order: without +search only the one that is written. */
function names(q: Query, config: string): readonly string[] {
	const plain = q.name.replace(/\.$/, '');
	if (!q.search || q.name.endsWith('.')) return [plain];
	const searches = /^search\s+(.*)$/m.exec(config)?.[1]?.trim().split(/\s+/) ?? [];
	const ndots = Number(/ndots:(\d+)/.exec(config)?.[1] ?? 1);
	const searched = searches.map((s) => `${plain}.${s}`);
	return plain.split('.').length > ndots ? [plain, ...searched] : [...searched, plain];
}

const dotted = (r: DnsRecord): string => (r.type === 'A' || r.type === 'AAAA' ? r.data : `${r.data}.`);
/** Columns stand at every eighth place. */
const owner = (name: string): string => `${name}${'\t'.repeat(Math.max(1, 3 - Math.floor(name.length / 8)))}`;

function print(process: Process<null>, q: Query): number {
	const file = process.fs.read('/etc/resolv.conf');
	const config = file.ok ? file.value : '';
	const given = q.server === undefined || /^[\d.]+$/.test(q.server) ? undefined : process.resolve(q.server);
	if (given !== undefined && 'error' in given) {
		process.stderr(`dig: couldn't get address for '${q.server}': not found\n`);
		return 10;
	}
	const server = given?.addresses[0] ?? q.server ?? /^nameserver\s+(\S+)/m.exec(config)?.[1] ?? '10.96.0.10';
	let asked = '';
	let reply: DnsReply = { error: 'timeout' };
	for (asked of names(q, config)) {
		reply = process.query(asked, q.type, server);
		if ('error' in reply || reply.rcode === 'NOERROR') break;
	}
	if ('error' in reply) {
		const tries = `;; communications error to ${server}#53: timed out\n`.repeat(3);
		process.stdout(
			q.short ? `${tries}` : `${tries}\n; <<>> DiG 9.20.15 <<>> ${process.argv.slice(1).join(' ')}\n;; global options: +cmd\n;; no servers could be reached\n`,
		);
		return 9;
	}
	const { records } = reply;
	const answer = records.map((r) => `${owner(`${r.name}.`)}30\tIN\t${r.type}\t${dotted(r)}`);
	if (q.short) {
		process.stdout(records.map((r) => `${dotted(r)}\n`).join(''));
		return 0;
	}
	if (!q.sections) {
		process.stdout(q.answer ? answer.map((r) => `${r}\n`).join('') : '');
		return 0;
	}
	const id = 10_000 + Math.floor(process.random() * 50_000);
	const own = reply.authoritative;
	const lines = [
		'',
		`; <<>> DiG 9.20.15 <<>> ${process.argv.slice(1).join(' ')}`,
		';; global options: +cmd',
		';; Got answer:',
		`;; ->>HEADER<<- opcode: QUERY, status: ${reply.rcode}, id: ${id}`,
		`;; flags: qr ${own ? 'aa rd' : 'rd ra'}; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: ${records.length === 0 ? 1 : 0}, ADDITIONAL: 1`,
		...(own ? [';; WARNING: recursion requested but not available'] : []),
		'',
		';; OPT PSEUDOSECTION:',
		'; EDNS: version: 0, flags:; udp: 1232',
		';; QUESTION SECTION:',
		`;${owner(`${asked}.`)}\tIN\t${q.type}`,
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
		process.exit(print(process, parse(process.argv)));
	},
};
