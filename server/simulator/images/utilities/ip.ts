/** busybox's ip: addresses, links and routes of the pod's one interface; what would change them takes CAP_NET_ADMIN. */
import type { Utility } from './utility.ts';

const NET_ADMIN = 12n;

/** By /proc/self/status, as programs ask the kernel. */
function mayConfigure(status: string): boolean {
	const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
	return mask !== undefined && ((BigInt(`0x${mask}`) >> NET_ADMIN) & 1n) === 1n;
}

const LOOPBACK = ['1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000', '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00'];
const LOOPBACK_ADDRESSES = ['    inet 127.0.0.1/8 scope host lo', '       valid_lft forever preferred_lft forever'];

/** CNI's bridge plugin makes the hardware address out of the IPv4 one. */
function hardware(address: string): string {
	const parts = address.split('.').map((n) => Number(n).toString(16).padStart(2, '0'));
	return ['0a', '58', ...parts].join(':');
}

export const ip: Utility = (c) => {
	const [object = '', verb = 'show'] = c.args.filter((a) => !a.startsWith('-'));
	const { podIP } = c.process;
	const gateway = podIP.replace(/\.\d+$/, '.1');
	const link = [
		'2: eth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue qlen 1000',
		`    link/ether ${hardware(podIP)} brd ff:ff:ff:ff:ff:ff`,
	];
	const kind = ['address', 'link', 'route'].find((name) => object !== '' && name.startsWith(object));
	if (kind === undefined) {
		c.err('BusyBox v1.36.1 multi-call binary.\n\nUsage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]\n');
		return 1;
	}
	if (!'show'.startsWith(verb) && verb !== 'list' && verb !== 'ls') {
		const status = c.process.fs.read('/proc/self/status');
		if (status.ok && mayConfigure(status.value)) return 0;
		c.err('ip: RTNETLINK answers: Operation not permitted\n');
		return 2;
	}
	const eth0 = [`    inet ${podIP}/24 brd ${podIP.replace(/\.\d+$/, '.255')} scope global eth0`, '       valid_lft forever preferred_lft forever'];
	const lines = {
		address: [...LOOPBACK, ...LOOPBACK_ADDRESSES, ...link, ...eth0],
		link: [...LOOPBACK, ...link],
		route: [
			`default via ${gateway} dev eth0 `,
			`${podIP.replace(/\.\d+$/, '.0')}/24 via ${gateway} dev eth0  src ${podIP} `,
			`${gateway} dev eth0 scope link  src ${podIP} `,
		],
	}[kind as 'address' | 'link' | 'route'];
	c.out(`${lines.join('\n')}\n`);
	return 0;
};
