/**
 * Whether a utility reads its standard input. just-bash wants all of the input before it begins, so what would not read it must not
 * be given it: `while read f; do wc -l "$f"; done < list` needs the rest of the list for its next round.
 */

interface Reader {
	/** Operands from which on the input is left alone. */
	readonly operands: number;
	/** Letters of options that take a value of their own word. */
	readonly valued?: string;
	/** Options that stand for the first operand: grep's `-e`, sed's `-f`. */
	readonly instead?: RegExp;
}

const one = (valued = ''): Reader => ({ operands: 1, valued });
const READERS: { readonly [name: string]: Reader } = {
	cat: one(),
	wc: one(),
	sort: one('ktoST'),
	uniq: one('fsw'),
	cut: one('dfbc'),
	paste: one('d'),
	rev: one(),
	nl: one('bnswvi'),
	fold: one('w'),
	expand: one('t'),
	unexpand: one('t'),
	strings: one('n'),
	split: one('lbna'),
	column: one('sco'),
	base64: one('w'),
	md5sum: one(),
	sha1sum: one(),
	sha256sum: one(),
	file: one(),
	tac: one(),
	gzip: one('S'),
	gunzip: one('S'),
	zcat: one('S'),
	comm: { operands: 2 },
	join: { operands: 2, valued: '12tjeoa' },
	grep: { operands: 2, valued: 'eABCmf', instead: /^(-\w*[ef]|--regexp|--file)/ },
	egrep: { operands: 2, valued: 'eABCmf', instead: /^(-\w*[ef]|--regexp|--file)/ },
	fgrep: { operands: 2, valued: 'eABCmf', instead: /^(-\w*[ef]|--regexp|--file)/ },
	sed: { operands: 2, valued: 'ef', instead: /^(-\w*[ef]$|--expression|--file)/ },
	awk: { operands: 2, valued: 'Fvf', instead: /^-f/ },
};

/** Utilities that look at names alone. */
const NEVER = new Set(
	'echo printf ls mkdir rmdir touch rm cp mv ln chmod pwd readlink stat find basename dirname tree du printenv true false expr seq whoami hostname'.split(' '),
);

/** False where the utility, called so, leaves its standard input to others. In doubt it reads. */
export function readsInput(name: string, args: readonly string[]): boolean {
	if (NEVER.has(name)) return false;
	if (name === 'jq' || name === 'yq') return !args.some((a) => a === '-n' || a === '--null-input') && !/\.(json|ya?ml)$/.test(args.at(-1) ?? '');
	const reader = READERS[name];
	if (reader === undefined || args.includes('-') || args.some((a) => a === '/dev/stdin')) return true;
	let operands = 0;
	for (let i = 0, flags = true; i < args.length; i++) {
		const a = args[i] ?? '';
		if (flags && a === '--') flags = false;
		else if (flags && /^-./.test(a)) {
			if (reader.instead?.test(a)) operands++;
			// The last letter of a cluster takes the next word: `-rn 5`, `-k 2`; `-n5` has its value already.
			if (!a.startsWith('--') && (reader.valued ?? '').includes(a.at(-1) ?? ' ')) i++;
		} else operands++;
	}
	return operands < reader.operands;
}
