/** hostname and getent: names of hosts and accounts, and what they stand for. */
import type { Utility } from './utility.ts';

/** `hostname -f`: the first name that /etc/hosts has beside the host's own. */
function canonicalName(c: Parameters<Utility>[0]): string {
	const file = c.process.fs.read('/etc/hosts');
	for (const line of file.ok ? file.value.split('\n') : []) {
		const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
		if (address !== '' && names.includes(c.process.hostname)) return names[0] ?? c.process.hostname;
	}
	return c.process.hostname;
}

export const hostname: Utility = (c) => {
	if (c.args.includes('-f') || c.args.includes('--fqdn')) {
		c.out(`${canonicalName(c)}\n`);
		return 0;
	}
	c.out(`${c.args.some((a) => a === '-i' || a === '-I') ? `${c.process.podIP}${c.args.includes('-I') ? ' ' : ''}` : c.process.hostname}\n`);
	return 0;
};

export const getent: Utility = (c) => {
	const [database, name = ''] = c.args;
	if (database === 'hosts' || database === 'ahosts') {
		const file = c.process.fs.read('/etc/hosts');
		for (const line of file.ok ? file.value.split('\n') : []) {
			const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
			if (!names.includes(name)) continue;
			c.out(`${address.padEnd(15)} ${names.join(' ')}\n`);
			return 0;
		}
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
