/** Redis commands over a keyspace of plain data: pure functions from state to state and reply. Models redis.io/commands. */

export type Value =
	| { readonly kind: 'string'; readonly text: string }
	| { readonly kind: 'list'; readonly items: readonly string[] }
	| { readonly kind: 'hash'; readonly fields: { readonly [field: string]: string } }
	| { readonly kind: 'set'; readonly members: readonly string[] };

export interface Entry {
	readonly value: Value;
	/** Virtual ms since the epoch; none lives on. */
	readonly expiresAt?: number;
}

export interface Keyspace {
	readonly [key: string]: Entry;
}

/** A reply of RESP, before it is written down. */
export type Reply =
	| { readonly t: 'simple'; readonly text: string }
	| { readonly t: 'error'; readonly text: string }
	| { readonly t: 'integer'; readonly n: number }
	| { readonly t: 'bulk'; readonly text: string | undefined }
	| { readonly t: 'array'; readonly items: readonly Reply[] };

export interface Result {
	readonly keys: Keyspace;
	readonly reply: Reply;
}

const OK: Reply = { t: 'simple', text: 'OK' };
const integer = (n: number): Reply => ({ t: 'integer', n });
const bulk = (text: string | undefined): Reply => ({ t: 'bulk', text });
const array = (items: readonly string[]): Reply => ({ t: 'array', items: items.map((i) => bulk(i)) });
export const failed = (text: string): Reply => ({ t: 'error', text });
const WRONG_TYPE = failed('WRONGTYPE Operation against a key holding the wrong kind of value');
const NOT_INTEGER = failed('ERR value is not an integer or out of range');
const SYNTAX = failed('ERR syntax error');

const live = (keys: Keyspace, key: string, now: number): Entry | undefined => {
	const entry = Object.hasOwn(keys, key) ? keys[key] : undefined;
	return entry === undefined || (entry.expiresAt !== undefined && entry.expiresAt <= now) ? undefined : entry;
};
const without = (keys: Keyspace, key: string): Keyspace => {
	const { [key]: _gone, ...rest } = keys;
	return rest;
};
const put = (keys: Keyspace, key: string, value: Value, expiresAt?: number): Keyspace => ({
	...keys,
	[key]: { value, ...(expiresAt === undefined ? {} : { expiresAt }) },
});

function glob(pattern: string): RegExp {
	return new RegExp(
		`^${pattern
			.replace(/[.+^${}()|\\]/g, '\\$&')
			.replaceAll('*', '.*')
			.replaceAll('?', '.')}$`,
		's',
	);
}

interface Call {
	readonly keys: Keyspace;
	readonly args: readonly string[];
	readonly now: number;
}
type Command = { readonly least: number; readonly writes: boolean; readonly run: (c: Call) => Result };

const same = (c: Call, reply: Reply): Result => ({ keys: c.keys, reply });
const arg = (c: Call, i: number): string => c.args[i] ?? '';

function setString(c: Call): Result {
	const [key = '', text = '', ...options] = c.args;
	let expiresAt: number | undefined;
	let only: 'NX' | 'XX' | undefined;
	for (let i = 0; i < options.length; i++) {
		const option = (options[i] ?? '').toUpperCase();
		if (option === 'NX' || option === 'XX') only = option;
		else if (option === 'EX' || option === 'PX') {
			const n = Number(options[++i]);
			if (!Number.isInteger(n) || n <= 0) return same(c, failed("ERR invalid expire time in 'set' command"));
			expiresAt = c.now + (option === 'EX' ? n * 1000 : n);
		} else if (option === 'KEEPTTL') expiresAt = live(c.keys, key, c.now)?.expiresAt;
		else return same(c, SYNTAX);
	}
	const there = live(c.keys, key, c.now) !== undefined;
	if ((only === 'NX' && there) || (only === 'XX' && !there)) return same(c, bulk(undefined));
	return { keys: put(c.keys, key, { kind: 'string', text }, expiresAt), reply: OK };
}

function add(c: Call, by: number): Result {
	const entry = live(c.keys, arg(c, 0), c.now);
	if (entry !== undefined && entry.value.kind !== 'string') return same(c, WRONG_TYPE);
	const before = Number(entry?.value.kind === 'string' ? entry.value.text : '0');
	if (!Number.isInteger(before) || !Number.isInteger(by)) return same(c, NOT_INTEGER);
	return { keys: put(c.keys, arg(c, 0), { kind: 'string', text: String(before + by) }, entry?.expiresAt), reply: integer(before + by) };
}

/** Runs `use` on the value of a kind (or on an empty one), or says that the key holds another kind. */
function having<K extends Value['kind']>(
	c: Call,
	kind: K,
	empty: Value & { readonly kind: K },
	use: (value: Value & { readonly kind: K }, entry?: Entry) => Result,
): Result {
	const entry = live(c.keys, arg(c, 0), c.now);
	if (entry === undefined) return use(empty);
	const isKind = (v: Value): v is Value & { readonly kind: K } => v.kind === kind;
	return isKind(entry.value) ? use(entry.value, entry) : same(c, WRONG_TYPE);
}

const NO_LIST = { kind: 'list', items: [] } as const;
const NO_HASH = { kind: 'hash', fields: {} } as const;
const NO_SET = { kind: 'set', members: [] } as const;
const NO_STRING = { kind: 'string', text: '' } as const;

const push = (c: Call, left: boolean): Result =>
	having(c, 'list', NO_LIST, (list, entry) => {
		const items = left ? [...c.args.slice(1).reverse(), ...list.items] : [...list.items, ...c.args.slice(1)];
		return { keys: put(c.keys, arg(c, 0), { kind: 'list', items }, entry?.expiresAt), reply: integer(items.length) };
	});

const pop = (c: Call, left: boolean): Result =>
	having(c, 'list', NO_LIST, (list, entry) => {
		const item = list.items.at(left ? 0 : -1);
		if (item === undefined) return same(c, bulk(undefined));
		const items = left ? list.items.slice(1) : list.items.slice(0, -1);
		return { keys: items.length === 0 ? without(c.keys, arg(c, 0)) : put(c.keys, arg(c, 0), { kind: 'list', items }, entry?.expiresAt), reply: bulk(item) };
	});

function range(items: readonly string[], from: number, to: number): readonly string[] {
	const at = (n: number): number => (n < 0 ? Math.max(0, items.length + n) : n);
	return items.slice(at(from), to < 0 ? items.length + to + 1 : to + 1);
}

function expire(c: Call, unit: number): Result {
	const entry = live(c.keys, arg(c, 0), c.now);
	const n = Number(arg(c, 1));
	if (!Number.isInteger(n)) return same(c, NOT_INTEGER);
	return entry === undefined ? same(c, integer(0)) : { keys: put(c.keys, arg(c, 0), entry.value, c.now + n * unit), reply: integer(1) };
}

const COMMANDS: { readonly [name: string]: Command } = {
	ping: { least: 0, writes: false, run: (c) => same(c, c.args.length === 0 ? { t: 'simple', text: 'PONG' } : bulk(arg(c, 0))) },
	echo: { least: 1, writes: false, run: (c) => same(c, bulk(arg(c, 0))) },
	select: { least: 1, writes: false, run: (c) => same(c, arg(c, 0) === '0' ? OK : failed('ERR DB index is out of range')) },
	set: { least: 2, writes: true, run: setString },
	setnx: {
		least: 2,
		writes: true,
		run: (c) =>
			live(c.keys, arg(c, 0), c.now) === undefined
				? { keys: put(c.keys, arg(c, 0), { kind: 'string', text: arg(c, 1) }), reply: integer(1) }
				: same(c, integer(0)),
	},
	get: {
		least: 1,
		writes: false,
		run: (c) => having(c, 'string', NO_STRING, (v, entry) => same(c, bulk(entry === undefined ? undefined : v.text))),
	},
	mset: {
		least: 2,
		writes: true,
		run(c) {
			if (c.args.length % 2 === 1) return same(c, failed("ERR wrong number of arguments for 'mset' command"));
			let keys = c.keys;
			for (let i = 0; i < c.args.length; i += 2) keys = put(keys, arg(c, i), { kind: 'string', text: arg(c, i + 1) });
			return { keys, reply: OK };
		},
	},
	mget: {
		least: 1,
		writes: false,
		run(c) {
			const items = c.args.map((key): Reply => {
				const value = live(c.keys, key, c.now)?.value;
				return bulk(value?.kind === 'string' ? value.text : undefined);
			});
			return same(c, { t: 'array', items });
		},
	},
	append: {
		least: 2,
		writes: true,
		run: (c) =>
			having(c, 'string', NO_STRING, (v, entry) => ({
				keys: put(c.keys, arg(c, 0), { kind: 'string', text: v.text + arg(c, 1) }, entry?.expiresAt),
				reply: integer(v.text.length + arg(c, 1).length),
			})),
	},
	strlen: { least: 1, writes: false, run: (c) => having(c, 'string', NO_STRING, (v) => same(c, integer(v.text.length))) },
	incr: { least: 1, writes: true, run: (c) => add(c, 1) },
	decr: { least: 1, writes: true, run: (c) => add(c, -1) },
	incrby: { least: 2, writes: true, run: (c) => add(c, Number(arg(c, 1))) },
	decrby: { least: 2, writes: true, run: (c) => add(c, -Number(arg(c, 1))) },
	del: {
		least: 1,
		writes: true,
		run(c) {
			const there = c.args.filter((key) => live(c.keys, key, c.now) !== undefined);
			return { keys: there.reduce(without, c.keys), reply: integer(new Set(there).size) };
		},
	},
	exists: { least: 1, writes: false, run: (c) => same(c, integer(c.args.filter((key) => live(c.keys, key, c.now) !== undefined).length)) },
	type: { least: 1, writes: false, run: (c) => same(c, { t: 'simple', text: live(c.keys, arg(c, 0), c.now)?.value.kind ?? 'none' }) },
	keys: {
		least: 1,
		writes: false,
		run: (c) => same(c, array(Object.keys(c.keys).filter((key) => glob(arg(c, 0)).test(key) && live(c.keys, key, c.now) !== undefined))),
	},
	dbsize: { least: 0, writes: false, run: (c) => same(c, integer(Object.keys(c.keys).filter((key) => live(c.keys, key, c.now) !== undefined).length)) },
	flushall: { least: 0, writes: true, run: () => ({ keys: {}, reply: OK }) },
	flushdb: { least: 0, writes: true, run: () => ({ keys: {}, reply: OK }) },
	expire: { least: 2, writes: true, run: (c) => expire(c, 1000) },
	pexpire: { least: 2, writes: true, run: (c) => expire(c, 1) },
	persist: {
		least: 1,
		writes: true,
		run(c) {
			const entry = live(c.keys, arg(c, 0), c.now);
			return entry?.expiresAt === undefined ? same(c, integer(0)) : { keys: put(c.keys, arg(c, 0), entry.value), reply: integer(1) };
		},
	},
	ttl: {
		least: 1,
		writes: false,
		run(c) {
			const entry = live(c.keys, arg(c, 0), c.now);
			return same(c, integer(entry === undefined ? -2 : entry.expiresAt === undefined ? -1 : Math.round((entry.expiresAt - c.now) / 1000)));
		},
	},
	hset: {
		least: 3,
		writes: true,
		run: (c) =>
			having(c, 'hash', NO_HASH, (hash, entry) => {
				const pairs = c.args.slice(1);
				const fields: { [f: string]: string } = { ...hash.fields };
				let added = 0;
				for (let i = 0; i + 1 < pairs.length; i += 2) {
					if (!Object.hasOwn(fields, pairs[i] ?? '')) added++;
					fields[pairs[i] ?? ''] = pairs[i + 1] ?? '';
				}
				return { keys: put(c.keys, arg(c, 0), { kind: 'hash', fields }, entry?.expiresAt), reply: integer(added) };
			}),
	},
	hget: {
		least: 2,
		writes: false,
		run: (c) => having(c, 'hash', NO_HASH, (h) => same(c, bulk(Object.hasOwn(h.fields, arg(c, 1)) ? h.fields[arg(c, 1)] : undefined))),
	},
	hgetall: { least: 1, writes: false, run: (c) => having(c, 'hash', NO_HASH, (h) => same(c, array(Object.entries(h.fields).flat()))) },
	hdel: {
		least: 2,
		writes: true,
		run: (c) =>
			having(c, 'hash', NO_HASH, (h, entry) => {
				const gone = c.args.slice(1).filter((f) => Object.hasOwn(h.fields, f));
				const fields = Object.fromEntries(Object.entries(h.fields).filter(([f]) => !gone.includes(f)));
				return {
					keys: Object.keys(fields).length === 0 ? without(c.keys, arg(c, 0)) : put(c.keys, arg(c, 0), { kind: 'hash', fields }, entry?.expiresAt),
					reply: integer(gone.length),
				};
			}),
	},
	lpush: { least: 2, writes: true, run: (c) => push(c, true) },
	rpush: { least: 2, writes: true, run: (c) => push(c, false) },
	lpop: { least: 1, writes: true, run: (c) => pop(c, true) },
	rpop: { least: 1, writes: true, run: (c) => pop(c, false) },
	llen: { least: 1, writes: false, run: (c) => having(c, 'list', NO_LIST, (l) => same(c, integer(l.items.length))) },
	lrange: { least: 3, writes: false, run: (c) => having(c, 'list', NO_LIST, (l) => same(c, array(range(l.items, Number(arg(c, 1)), Number(arg(c, 2)))))) },
	sadd: {
		least: 2,
		writes: true,
		run: (c) =>
			having(c, 'set', NO_SET, (s, entry) => {
				const members = [...new Set([...s.members, ...c.args.slice(1)])];
				return { keys: put(c.keys, arg(c, 0), { kind: 'set', members }, entry?.expiresAt), reply: integer(members.length - s.members.length) };
			}),
	},
	smembers: { least: 1, writes: false, run: (c) => having(c, 'set', NO_SET, (s) => same(c, array(s.members))) },
	sismember: { least: 2, writes: false, run: (c) => having(c, 'set', NO_SET, (s) => same(c, integer(s.members.includes(arg(c, 1)) ? 1 : 0))) },
	scard: { least: 1, writes: false, run: (c) => having(c, 'set', NO_SET, (s) => same(c, integer(s.members.length))) },
	save: { least: 0, writes: true, run: (c) => same(c, OK) },
	bgsave: { least: 0, writes: true, run: (c) => same(c, { t: 'simple', text: 'Background saving started' }) },
};

/** Whether a command changes the keyspace, so that it must be kept. */
export const isWrite = (name: string): boolean => COMMANDS[name.toLowerCase()]?.writes === true;

/** Runs one command; an unknown one, or one with too few arguments, is answered as Redis does. */
export function runCommand(keys: Keyspace, words: readonly string[], now: number): Result {
	const [name = '', ...args] = words;
	const lower = name.toLowerCase();
	const command = Object.hasOwn(COMMANDS, lower) ? COMMANDS[lower] : undefined;
	if (command === undefined) {
		const beginning = args.map((a) => `'${a}' `).join('');
		return { keys, reply: failed(`ERR unknown command '${name}', with args beginning with: ${beginning}`) };
	}
	if (args.length < command.least) return { keys, reply: failed(`ERR wrong number of arguments for '${lower}' command`) };
	return command.run({ keys, args, now });
}

/** A reply on the wire. */
export function encode(reply: Reply): string {
	switch (reply.t) {
		case 'simple':
			return `+${reply.text}\r\n`;
		case 'error':
			return `-${reply.text}\r\n`;
		case 'integer':
			return `:${reply.n}\r\n`;
		case 'bulk':
			return reply.text === undefined ? '$-1\r\n' : `$${reply.text.length}\r\n${reply.text}\r\n`;
		case 'array':
			return `*${reply.items.length}\r\n${reply.items.map(encode).join('')}`;
	}
}

/** Words of a line as redis-cli and inline commands split it: blanks part, quotes hold together. Undefined where a quote stays open. */
export function splitWords(line: string): readonly string[] | undefined {
	const words: string[] = [];
	const token = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']+))(?=\s|$)/gy;
	let end = 0;
	for (let m = token.exec(line); m !== null; m = token.exec(line)) {
		words.push(m[1]?.replace(/\\(.)/g, (_all, c: string) => (c === 'n' ? '\n' : c)) ?? m[2] ?? m[3] ?? '');
		end = token.lastIndex;
	}
	return line.slice(end).trim() === '' ? words : undefined;
}

/** Commands of a chunk of the protocol: RESP arrays, or lines. */
export function parseRequests(data: string): readonly (readonly string[])[] {
	const out: (readonly string[])[] = [];
	let at = 0;
	const line = (): string => {
		const end = data.indexOf('\n', at);
		const text = data.slice(at, end === -1 ? data.length : end);
		at = end === -1 ? data.length : end + 1;
		return text.replace(/\r$/, '');
	};
	while (at < data.length) {
		const head = line();
		if (!head.startsWith('*')) {
			const words = splitWords(head);
			if (words !== undefined && words.length > 0) out.push(words);
			continue;
		}
		const words: string[] = [];
		for (let i = Number(head.slice(1)); i > 0 && at < data.length; i--) {
			const length = Number(line().slice(1));
			words.push(data.slice(at, at + length));
			at += length + 2;
		}
		out.push(words);
	}
	return out;
}
