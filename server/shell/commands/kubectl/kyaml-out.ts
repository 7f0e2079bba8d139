/** KYAML, the flow style of YAML that -o kyaml prints: braces, quoted text, trailing commas. Modelled on sigs.k8s.io/yaml/kyaml. */
import { sortedKeys } from './yaml-out.ts';

/** Words and numbers that some YAML reader takes for something else than text. */
const AMBIGUOUS =
	/^(?:|~|null|true|false|yes|no|on|off|y|n|t|f|[-+]?\.?inf|\.?nan|[-+]?[\d_]+|[-+]?(?:\d[\d_]*)?\.?[\d_]+(?:e[-+]?\d+)?|[-+]?0x[\da-f_]+|[-+]?0o?[0-7_]+|0b[01_]+|\d{4}-\d\d?-\d\d?.*)$/i;
const PLAIN_KEY = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_./-]*[\p{L}\p{N}_])?$/u;

const NAMED: { readonly [character: string]: string } = {
	'\0': '\\0',
	'\x07': '\\a',
	'\b': '\\b',
	'\v': '\\v',
	'\f': '\\f',
	'\r': '\\r',
	'\x1b': '\\e',
	'"': '\\"',
	'\\': '\\\\',
	'\u0085': '\\N',
	'\u00a0': '\\_',
	'\u2028': '\\L',
	'\u2029': '\\P',
	'\ufeff': '\\ufeff',
};

const escaped = (text: string): string =>
	text.replace(/[\0-\x08\x0b-\x1f"\\\x7f-\xa0\u2028\u2029\ufeff]/g, (c) => NAMED[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** Text in double quotes; of several lines, each on a line of its own, `pad` being the indent of what holds it. */
function quoted(text: string, pad: string): string {
	if (!text.includes('\n')) return `"${escaped(text)}"`;
	const lines = text.split('\n');
	const ends = lines.at(-1) === '';
	const shown = ends ? lines.slice(0, -1) : lines;
	const body = shown.map((line, i) => {
		// A line that begins with a blank is told from the indent by a backslash.
		const start = /^[ \t]/.test(line) ? `${pad}  \\` : `${pad}   `;
		return `${start}${escaped(line)}${i < shown.length - 1 || ends ? '\\n' : ''}\\\n`;
	});
	return `"\\\n${body.join('')}${pad}  "`;
}

const keyed = (key: string): string => (PLAIN_KEY.test(key) && !AMBIGUOUS.test(key) ? key : `"${escaped(key)}"`);
const isMap = (v: unknown): v is Record<string, unknown> => v !== null && typeof v === 'object' && !Array.isArray(v);

/** `sort`: keys by name, otherwise as they stand. */
function render(value: unknown, pad: string, sort: boolean): string {
	if (typeof value === 'string') return quoted(value, pad);
	if (Array.isArray(value)) {
		if (value.length === 0) return '[]';
		// Lists of nothing but maps, or but lists, are cuddled.
		if (value.every(isMap) || value.every(Array.isArray)) return `[${value.map((v) => render(v, pad, sort)).join(', ')}]`;
		return `[\n${value.map((v) => `${pad}  ${render(v, `${pad}  `, sort)},\n`).join('')}${pad}]`;
	}
	if (isMap(value)) {
		const entries = (sort ? sortedKeys(value) : Object.keys(value)).flatMap((k) => (value[k] === undefined ? [] : [[k, value[k]] as const]));
		if (entries.length === 0) return '{}';
		return `{\n${entries.map(([k, v]) => `${pad}  ${keyed(k)}: ${render(v, `${pad}  `, sort)},\n`).join('')}${pad}}`;
	}
	return String(value ?? null);
}

/** A document with its separator before it, ending in a newline; sorts keys unless told that their order is a Go struct's. */
export function toKyaml(value: unknown, options: { readonly keepOrder?: boolean } = {}): string {
	return `---\n${render(value, '', options.keepOrder !== true)}\n`;
}
