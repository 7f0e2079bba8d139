/** Vim's options: names, short names, and `:set`. */

export interface Options {
	number: boolean;
	relativenumber: boolean;
	expandtab: boolean;
	autoindent: boolean;
	paste: boolean;
	list: boolean;
	wrap: boolean;
	ignorecase: boolean;
	smartcase: boolean;
	hlsearch: boolean;
	incsearch: boolean;
	wrapscan: boolean;
	ruler: boolean;
	cursorline: boolean;
	showmode: boolean;
	syntax: boolean;
	fixendofline: boolean;
	tabstop: number;
	shiftwidth: number;
	softtabstop: number;
	scrolloff: number;
	laststatus: number;
}

type Flag = { [K in keyof Options]: Options[K] extends boolean ? K : never }[keyof Options];
type Count = Exclude<keyof Options, Flag>;

/** As Debian's Vim with its defaults.vim, but that the status line is always there. */
export const defaultOptions = (): Options => ({
	number: false,
	relativenumber: false,
	expandtab: false,
	autoindent: true,
	paste: false,
	list: false,
	wrap: true,
	ignorecase: false,
	smartcase: false,
	hlsearch: false,
	incsearch: true,
	wrapscan: true,
	ruler: true,
	cursorline: false,
	showmode: true,
	syntax: true,
	fixendofline: true,
	tabstop: 8,
	shiftwidth: 8,
	softtabstop: 0,
	scrolloff: 0,
	laststatus: 2,
});

const SHORT: { readonly [name: string]: keyof Options } = {
	nu: 'number',
	rnu: 'relativenumber',
	et: 'expandtab',
	ai: 'autoindent',
	ic: 'ignorecase',
	scs: 'smartcase',
	hls: 'hlsearch',
	is: 'incsearch',
	ws: 'wrapscan',
	ru: 'ruler',
	cul: 'cursorline',
	smd: 'showmode',
	ts: 'tabstop',
	sw: 'shiftwidth',
	sts: 'softtabstop',
	so: 'scrolloff',
	ls: 'laststatus',
	fixeol: 'fixendofline',
};

/** Options of Vim's that change nothing here; a learner's .vimrc may set them. */
const IGNORED =
	/^(no)?(si|smartindent|cindent|cin|nocompatible|compatible|cp|mouse|encoding|enc|fileencoding|fenc|background|bg|backspace|bs|title|showcmd|sc|showmatch|sm|swapfile|swf|backup|bk|writebackup|wb|undofile|udf|ttyfast|tf|lazyredraw|lz|hidden|hid|history|hi|wildmenu|wmnu|wildmode|wim|clipboard|cb|ft|filetype|foldmethod|fdm|foldenable|fen|foldlevel|colorcolumn|cc|cursorcolumn|cuc|textwidth|tw|formatoptions|fo|belloff|visualbell|vb|errorbells|eb|signcolumn|scl|timeoutlen|tm|ttimeoutlen|ttm|updatetime|ut|splitright|splitbelow|termguicolors|tgc|modeline|ml|indentkeys|indk|smarttab|sta|shiftround|sr|statusline|stl|linebreak|lbr|listchars|lcs|autoread|ar)$/;

const isFlag = (options: Options, name: keyof Options): name is Flag => typeof options[name] === 'boolean';

/** How an option is shown: `  number`, `nonumber`, `  tabstop=8`. */
export function showOption(options: Options, name: keyof Options): string {
	if (isFlag(options, name)) return `${options[name] ? '  ' : 'no'}${name}`;
	return `  ${name}=${options[name]}`;
}

/** One word of `:set`. Gives what is to be said: an option's value, or an error. */
export function setOption(options: Options, word: string): { readonly say?: string; readonly fail?: string } {
	const m = /^(no|inv)?([a-z]+)(!|\?|&|[-+^]?[=:].*)?$/.exec(word);
	if (m === null) return { fail: `E518: Unknown option: ${word}` };
	const full = ((m[1] ?? '') + (m[2] ?? '')) as keyof Options;
	// `nowrap` is `wrap` turned off; `number` begins with neither.
	const known = (n: string): keyof Options | undefined => SHORT[n] ?? (n in options ? (n as keyof Options) : undefined);
	const direct = known(full);
	const name = direct ?? known(m[2] ?? '');
	const rest = m[3] ?? '';
	if (name === undefined) return IGNORED.test(full) || IGNORED.test(m[2] ?? '') ? {} : { fail: `E518: Unknown option: ${word}` };
	if (rest === '?') return { say: showOption(options, name) };
	if (rest === '&') {
		Object.assign(options, { [name]: defaultOptions()[name] });
		return {};
	}
	if (isFlag(options, name)) {
		if (rest.includes('=')) return { fail: `E474: Invalid argument: ${word}` };
		options[name] = rest === '!' || (direct === undefined && m[1] === 'inv') ? !options[name] : direct !== undefined || m[1] === undefined;
		return {};
	}
	return setCount(options, name, rest, word);
}

function setCount(options: Options, name: Count, rest: string, word: string): { readonly say?: string; readonly fail?: string } {
	if (rest === '') return { say: showOption(options, name) };
	const value = /^[-+^]?[=:](-?\d+)$/.exec(rest)?.[1];
	if (value === undefined) return { fail: `E521: Number required after =: ${word}` };
	const n = rest.startsWith('+') ? options[name] + Number(value) : rest.startsWith('-') ? options[name] - Number(value) : Number(value);
	if (n < 0 || (name === 'tabstop' && (n < 1 || n > 9999))) return { fail: `E487: Argument must be positive: ${word}` };
	options[name] = n;
	return {};
}

/** What Vim's filetype plugins set for a file of this name. */
export function filetype(options: Options, path: string): void {
	if (/\.(ya?ml|kubeconfig)$/.test(path) || /kubectl-edit-/.test(path) || /\/\.kube\/config$/.test(path))
		Object.assign(options, { expandtab: true, shiftwidth: 2, softtabstop: 2 });
	if (/(^|\/)(GNU)?[Mm]akefile$|\.mk$/.test(path)) Object.assign(options, { expandtab: false, shiftwidth: 8, softtabstop: 0 });
}
