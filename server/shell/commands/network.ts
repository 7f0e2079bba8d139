/** What asks the network: wget over curl, ping and name lookups over the sandbox's own network. */
import type { Command, CommandContext } from '../command.ts';

/** The address that a name has from the workstation; undefined where it has none. */
async function resolve(c: CommandContext, host: string): Promise<string | undefined> {
	if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return host;
	if (host === 'localhost') return '127.0.0.1';
	const result = await c.network.request({ method: 'GET', url: `http://${host}:80/`, connectTimeoutMs: 1000, timeoutMs: 1000, signal: c.io.signal });
	return result.address;
}

const usable = (host: string): boolean => /^[\w.-]+$/.test(host);

async function wget(args: readonly string[], c: CommandContext): Promise<number> {
	const out: string[] = [];
	let url = '';
	let quiet = false;
	let file: string | undefined;
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (/^-[a-zA-Z]*O/.test(a)) {
			quiet ||= a.includes('q');
			file = a.replace(/^-[a-zA-Z]*O/, '') || args[++i];
		} else if (a === '-q' || a === '--quiet' || a === '-nv') quiet = true;
		else if (a === '-T') out.push('-m', args[++i] ?? '10');
		else if (a === '-t') i++;
		else if (a.startsWith('--timeout=')) out.push('-m', a.slice(10));
		else if (a.startsWith('--header=')) out.push('-H', a.slice(9));
		else if (a.startsWith('--post-data=')) out.push('-d', a.slice(12));
		else if (a === '--no-check-certificate') out.push('-k');
		else if (a === '-S' || a === '--server-response') out.push('-i');
		else if (!a.startsWith('-')) url = a;
	}
	if (url === '') {
		c.io.stderr('wget: missing URL\nUsage: wget [OPTION]... [URL]...\n');
		return 1;
	}
	const full = /^\w+:\/\//.test(url) ? url : `http://${url}`;
	const name = file ?? (new URL(full).pathname.split('/').at(-1) || 'index.html');
	const status = await c.spawn('curl', ['-sfL', ...out, ...(name === '-' ? [] : ['-o', name]), full]);
	if (status === 0 && !quiet) c.io.stderr(name === '-' ? '' : `‘${name}’ saved\n`);
	const { host } = new URL(full);
	const why: { readonly [status: number]: string } = {
		6: `unable to resolve host address ‘${host}’`,
		7: `can't connect to ${host}: Connection refused`,
		22: 'server returned error: see curl -i for what it says',
		28: `connection to ${host} timed out`,
	};
	if (status !== 0 && !quiet) c.io.stderr(`wget: ${why[status] ?? `the transfer failed (${status})`}\n`);
	// wget's own codes: 4 the network, 8 the server's answer.
	return status === 0 ? 0 : status === 22 ? 8 : 4;
}

async function ping(args: readonly string[], c: CommandContext): Promise<number> {
	let count = Number.POSITIVE_INFINITY;
	let host = '';
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (a === '-c') count = Number(args[++i]);
		else if (a === '-W' || a === '-i' || a === '-w') i++;
		else if (!a.startsWith('-')) host = a;
	}
	if (host === '' || !usable(host)) {
		c.io.stderr(host === '' ? 'ping: usage error: Destination address required\n' : `ping: ${host}: Name or service not known\n`);
		return host === '' ? 1 : 2;
	}
	const address = await resolve(c, host);
	if (address === undefined) {
		c.io.stderr(`ping: ${host}: Name or service not known\n`);
		return 2;
	}
	c.io.stdout(`PING ${host} (${address}) 56(84) bytes of data.\n`);
	const began = c.clock.now();
	let sent = 0;
	let got = 0;
	while (sent < count && !c.io.signal.aborted) {
		sent++;
		// There is no ICMP here: a machine answers where a connection is accepted or refused, and is silent where it times out.
		const r = await c.network.request({ method: 'GET', url: `http://${address}:1/`, connectTimeoutMs: 1000, timeoutMs: 1000, signal: c.io.signal });
		if (r.ok || r.error === 'ECONNREFUSED') {
			got++;
			c.io.stdout(`64 bytes from ${address}: icmp_seq=${sent} ttl=64 time=${Math.max(0.04, r.elapsedMs).toFixed(3)} ms\n`);
		}
		if (sent < count) await c.sleep(1000).catch(() => {});
	}
	c.io.stdout(
		`\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${got} received, ${Math.round(((sent - got) * 100) / sent)}% packet loss, time ${c.clock.now() - began}ms\n`,
	);
	return got > 0 ? 0 : 1;
}

async function nslookup(args: readonly string[], c: CommandContext): Promise<number> {
	const host = args.find((a) => !a.startsWith('-')) ?? '';
	const address = usable(host) ? await resolve(c, host) : undefined;
	c.io.stdout(
		`Server:\t\t172.18.0.1\nAddress:\t172.18.0.1#53\n\n${address === undefined ? `** server can't find ${host}: NXDOMAIN\n\n` : `Name:\t${host}\nAddress: ${address}\n\n`}`,
	);
	return address === undefined ? 1 : 0;
}

async function dig(args: readonly string[], c: CommandContext): Promise<number> {
	const host = args.find((a) => !a.startsWith('-') && !a.startsWith('+') && !a.startsWith('@') && !/^(A|AAAA|ANY|IN)$/i.test(a)) ?? '.';
	const address = usable(host) && host !== '.' ? await resolve(c, host) : undefined;
	if (args.includes('+short')) {
		if (address !== undefined) c.io.stdout(`${address}\n`);
		return 0;
	}
	c.io.stdout(
		`\n; <<>> DiG 9.20 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${address === undefined ? 'NXDOMAIN' : 'NOERROR'}, id: 4242\n;; flags: qr rd ra; QUERY: 1, ANSWER: ${address === undefined ? 0 : 1}, AUTHORITY: 0, ADDITIONAL: 0\n\n;; QUESTION SECTION:\n;${host}.\t\t\tIN\tA\n\n${address === undefined ? '' : `;; ANSWER SECTION:\n${host}.\t\t30\tIN\tA\t${address}\n\n`};; SERVER: 172.18.0.1#53(172.18.0.1) (UDP)\n`,
	);
	return 0;
}

const make = (name: string, summary: string, usage: string, run: Command['run']): Command => ({
	name,
	summary,
	help: `Usage: ${usage}\n${summary}. Names inside the cluster are known in pods only: kubectl exec, or kubectl run -it --rm.\n`,
	run,
});

export const networkCommands: readonly Command[] = [
	make('wget', 'fetch a page into a file', 'wget [-q] [-O FILE] [-T SECONDS] [--header=H] URL', wget),
	make('ping', 'see whether a machine answers', 'ping [-c COUNT] HOST', ping),
	make('nslookup', "look a name up in the workstation's DNS", 'nslookup NAME', nslookup),
	make('dig', "look a name up in the workstation's DNS", 'dig [+short] NAME', dig),
];
