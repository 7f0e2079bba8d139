/** OpenSSL's options: one dash, some with a value. */

const VALUED = new Set(
	'in out key keyout newkey subj addext config days CA CAkey CAfile untrusted extfile extensions reqexts set_serial signkey checkend ext algorithm pkeyopt name connect servername inform outform copy_extensions passin passout nameopt verify_hostname alpn starttls cert'.split(
		' ',
	),
);

export interface Options {
	has(name: string): boolean;
	/** The last value given. */
	get(name: string): string | undefined;
	all(name: string): readonly string[];
	/** Names in the order given. */
	readonly order: readonly string[];
	/** What is no option. */
	readonly rest: readonly string[];
}

export function optionsOf(args: readonly string[]): Options {
	const values = new Map<string, string[]>();
	const order: string[] = [];
	const rest: string[] = [];
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (!a.startsWith('-') || a === '-') rest.push(a);
		else {
			const name = a.replace(/^--?/, '');
			order.push(name);
			if (VALUED.has(name)) values.set(name, [...(values.get(name) ?? []), args[++i] ?? '']);
		}
	}
	return { has: (n) => order.includes(n), get: (n) => values.get(n)?.at(-1), all: (n) => values.get(n) ?? [], order, rest };
}
