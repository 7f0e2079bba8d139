/**
 * nslookup in its three kinds: busybox since 1.29 (networking/nslookup.c, which asks all search domains at once and fails where any
 * has nothing), busybox before that (the C library's answers), and BIND's.
 */
import type { DnsRecord, DnsReply, DnsType } from '../../network/types.ts';
import type { Utility, UtilityContext } from './utility.ts';

const TYPES: readonly DnsType[] = ['SOA', 'NS', 'A', 'AAAA', 'CNAME', 'MX', 'TXT', 'SRV', 'PTR', 'ANY'];

interface Config {
	readonly servers: readonly string[];
	readonly searches: readonly string[];
	readonly ndots: number;
}

function configOf(c: UtilityContext): Config {
	const file = c.process.fs.read('/etc/resolv.conf');
	const text = file.ok ? file.value : '';
	const searches = /^search\s+(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
	const servers = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map((m) => m[1] ?? '');
	return { servers: servers.length === 0 ? ['127.0.0.1'] : servers, searches, ndots: Number(/ndots:(\d+)/.exec(text)?.[1] ?? 1) };
}

interface Question {
	readonly name: string;
	readonly server: string | undefined;
	readonly types: readonly DnsType[];
}

function questionOf(args: readonly string[]): Question {
	const types: DnsType[] = [];
	const rest: string[] = [];
	for (let i = 0; i < args.length; i++) {
		const arg = args[i] ?? '';
		const given = /^-(?:type|querytype|query|q|t)(?:=(.*))?$/.exec(arg);
		const value = given === null ? undefined : (given[1] ?? args[++i] ?? '');
		const type = TYPES.find((t) => t === value?.toUpperCase());
		if (type !== undefined) types.push(type);
		else if (!arg.startsWith('-')) rest.push(arg);
	}
	return { name: rest[0] ?? '', server: rest[1], types };
}

const isAddress = (name: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(name);
const pointerName = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa`;

/** A server may be given by its name. */
function serverOf(c: UtilityContext, given: string | undefined, config: Config): string {
	if (given === undefined || isAddress(given)) return given ?? config.servers[0] ?? '';
	const known = c.process.resolve(given);
	return 'error' in known ? '' : (known.addresses[0] ?? '');
}

/** A record as both print it; BIND ends names in a dot. */
function recordText({ name, type, data }: DnsRecord, dot: string): string {
	if (type === 'A' || type === 'AAAA') return `Name:\t${name}\nAddress: ${data}\n`;
	if (type === 'CNAME') return `${name}\tcanonical name = ${data}${dot}\n`;
	if (type === 'PTR') return `${name}\tname = ${data}${dot}\n`;
	if (type === 'SRV') return `${name}\tservice = ${data}${dot}\n`;
	return '';
}

const TIMED_OUT = ';; connection timed out; no servers could be reached\n\n';

export const busyboxNslookup: Utility = (c) => {
	const config = configOf(c);
	const { name, server: given, types } = questionOf(c.args);
	const server = serverOf(c, given, config);
	if (server === '') {
		c.err(`nslookup: bad address '${given}'\n`);
		return 1;
	}
	// The search list stands in resolv.conf, which is not read where a server is given.
	const searches = given === undefined ? config.searches : [];
	const spread = (n: string): readonly string[] => (n.includes('.') || searches.length === 0 ? [n] : searches.map((s) => `${n}.${s}`));
	const asked: (readonly [string, DnsType])[] =
		types.length > 0
			? types.flatMap((t) => (t === 'PTR' ? [name] : spread(name)).map((n) => [n, t] as const))
			: isAddress(name)
				? [[pointerName(name), 'PTR']]
				: [...spread(name).map((n) => [n, 'A'] as const), ...spread(name).map((n) => [n, 'AAAA'] as const)];
	let status = 0;
	for (const [i, [n, type]] of asked.entries()) {
		const reply = c.process.query(n, type, server);
		if ('error' in reply) {
			c.out(TIMED_OUT);
			return 1;
		}
		if (i === 0) c.out(`Server:\t\t${server}\nAddress:\t${server}:53\n\n`);
		if (reply.rcode === 'NXDOMAIN') {
			c.out(`** server can't find ${n}: NXDOMAIN\n\n`);
			status = 1;
		} else c.out(`${reply.authoritative ? '' : 'Non-authoritative answer:\n'}${reply.records.map((r) => recordText(r, '')).join('')}\n`);
	}
	return status;
};

/** The names that a resolver tries in turn. */
function candidates(name: string, { searches, ndots }: Config): readonly string[] {
	if (name.endsWith('.')) return [name];
	const searched = searches.map((s) => `${name}.${s}`);
	return name.split('.').length > ndots ? [name, ...searched] : [...searched, name];
}

/** The first of the names tried that there is; the last answer where there is none. */
function firstFound(c: UtilityContext, names: readonly string[], type: DnsType, server: string): DnsReply {
	let last: DnsReply = { error: 'timeout' };
	for (const name of names) {
		last = c.process.query(name, type, server);
		if ('error' in last || last.rcode === 'NOERROR') return last;
	}
	return last;
}

export const bindNslookup: Utility = (c) => {
	const config = configOf(c);
	const { name, server: given, types } = questionOf(c.args);
	const server = serverOf(c, given, config);
	if (server === '') {
		c.err(`nslookup: couldn't get address for '${given}': not found\n`);
		return 1;
	}
	const pointer = isAddress(name);
	const type = types[0] ?? (pointer ? 'PTR' : 'A');
	const reply = firstFound(c, pointer ? [pointerName(name)] : candidates(name, config), type, server);
	if ('error' in reply) {
		c.out(`;; communications error to ${server}#53: timed out\n;; no servers could be reached\n\n`);
		return 1;
	}
	const head = pointer ? '' : `Server:\t\t${server}\nAddress:\t${server}#53\n\n`;
	if (reply.rcode === 'NXDOMAIN') {
		c.out(`${head}** server can't find ${pointer ? pointerName(name) : name}: NXDOMAIN\n\n`);
		return 1;
	}
	const lines = reply.records.map((r) => recordText(r, '.')).join('');
	c.out(`${head}${reply.authoritative ? '' : 'Non-authoritative answer:\n'}${lines === '' ? `*** Can't find ${name}: No answer\n` : lines}\n`);
	return 0;
};

/** Of an address, the name that CoreDNS has for it. */
function nameOf(c: UtilityContext, address: string, server: string): string {
	const reply = c.process.query(pointerName(address), 'PTR', server);
	return 'error' in reply ? '' : (reply.records[0]?.data ?? '');
}

/** busybox up to 1.28: `getaddrinfo`, and of each address the name behind it. */
export const oldNslookup: Utility = (c) => {
	const { name, server: given } = questionOf(c.args);
	const server = serverOf(c, given, configOf(c));
	const line = (i: number, address: string): string => `Address ${i}: ${`${address} ${nameOf(c, address, server)}`.trimEnd()}\n`;
	c.out(`Server:    ${server}\n${line(1, server)}\n`);
	const found = c.process.resolve(name);
	if ('error' in found) {
		c.err(`nslookup: can't resolve '${name}'\n`);
		return 1;
	}
	c.out(`Name:      ${name}\n${found.addresses.map((a, i) => line(i + 1, a)).join('')}`);
	return 0;
};
