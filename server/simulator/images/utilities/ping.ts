/** ping as busybox has it. */
import type { Program } from '../program.ts';

interface PingData {
	readonly host: string;
	readonly address: string;
	readonly count: number;
	readonly sent: number;
}

export const ping: Program<PingData> = {
	name: 'ping',
	start(process) {
		const args = process.argv.slice(1);
		const at = args.indexOf('-c');
		const host = args.findLast((a, i) => !a.startsWith('-') && !/^-[cwWis]$/.test(args[i - 1] ?? '')) ?? '';
		const found = process.resolve(host);
		if ('error' in found) {
			process.stderr(`ping: bad address '${host}'\n`);
			process.exit(1);
			return;
		}
		const address = found.addresses[0] ?? '';
		process.data = { host, address, count: at === -1 ? Number.MAX_SAFE_INTEGER : Number(args[at + 1]), sent: 0 };
		process.stdout(`PING ${host} (${address}): 56 data bytes\n`);
		process.timer(1, 'send');
	},
	onTimer(process) {
		const d = process.data;
		const finish = d.sent >= d.count;
		// Service addresses answer no echo in a cluster like ours: kube-proxy programs ports only.
		const answers = d.address === process.podIP || d.address === '127.0.0.1' || d.address.startsWith('10.244.');
		if (finish) {
			process.stdout(
				`\n--- ${d.host} ping statistics ---\n${d.sent} packets transmitted, ${answers ? d.sent : 0} packets received, ${answers ? 0 : 100}% packet loss\n${answers ? 'round-trip min/avg/max = 0.061/0.078/0.103 ms\n' : ''}`,
			);
			process.exit(answers ? 0 : 1);
			return;
		}
		if (answers) process.stdout(`64 bytes from ${d.address}: seq=${d.sent} ttl=64 time=0.078 ms\n`);
		process.data = { ...d, sent: d.sent + 1 };
		process.timer(d.sent + 1 >= d.count ? (answers ? 1 : 10_000) : 1000, 'send');
	},
	onSignal(process, signal) {
		if (signal !== 'SIGINT' && signal !== 'SIGTERM') return;
		process.data = { ...process.data, count: process.data.sent };
		process.timer(0, 'send');
	},
};
