/** git's configuration files: the learner's own and the repository's, read as one, written one at a time. */
import type { IFileSystem } from 'just-bash';

export interface Config {
	get(key: string): string | undefined;
	all(key: string): readonly string[];
	/** Keys with their values in file order, the learner's own first. */
	readonly entries: readonly (readonly [string, string])[];
}

/** What this workstation sets for everybody, as /etc/gitconfig would. */
const SYSTEM: readonly (readonly [string, string])[] = [['init.defaultbranch', 'main']];

const SECTION = /^\s*\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/;

/** `section.sub.key`: section and key in lower case, the part between as it is. */
export function canonicalKey(key: string): string {
	const first = key.indexOf('.');
	const last = key.lastIndexOf('.');
	return `${key.slice(0, first).toLowerCase()}${key.slice(first, last)}.${key.slice(last + 1).toLowerCase()}`;
}

function readValue(raw: string): string {
	let out = '';
	let quoted = false;
	for (let i = 0; i < raw.length; i++) {
		const c = raw[i] ?? '';
		if (c === '"') quoted = !quoted;
		else if (c === '\\') {
			const next = raw[++i] ?? '';
			out += { n: '\n', t: '\t', b: '\b' }[next] ?? next;
		} else if ((c === '#' || c === ';') && !quoted) break;
		else out += c;
	}
	return quoted ? out : out.trimEnd();
}

export function parseConfig(text: string): [string, string][] {
	const out: [string, string][] = [];
	let section = '';
	for (const line of text.split('\n')) {
		const s = SECTION.exec(line);
		if (s !== null) section = s[2] === undefined ? (s[1] ?? '').toLowerCase() : `${(s[1] ?? '').toLowerCase()}.${s[2].replace(/\\(.)/g, '$1')}`;
		const kv = /^\s*([A-Za-z][\w-]*)\s*(?:=\s*(.*))?$/.exec(s === null ? line : line.slice(s[0].length));
		if (kv !== null && section !== '') out.push([`${section}.${(kv[1] ?? '').toLowerCase()}`, kv[2] === undefined ? 'true' : readValue(kv[2])]);
	}
	return out;
}

export const globalConfigPath = (env: { readonly [name: string]: string }): string =>
	env['GIT_CONFIG_GLOBAL'] ?? `${env['HOME'] ?? '/home/learner'}/.gitconfig`;

export async function readConfig(
	disk: IFileSystem,
	env: { readonly [name: string]: string },
	local: string | undefined,
	overrides: readonly string[] = [],
): Promise<Config> {
	const entries: (readonly [string, string])[] = [...SYSTEM];
	for (const path of [globalConfigPath(env), ...(local === undefined ? [] : [local])]) entries.push(...parseConfig(await disk.readFile(path).catch(() => '')));
	for (const o of overrides) entries.push([canonicalKey(o.split('=')[0] ?? ''), o.includes('=') ? o.slice(o.indexOf('=') + 1) : 'true']);
	const all = (key: string): string[] => entries.filter(([k]) => k === canonicalKey(key)).map(([, v]) => v);
	return { entries, all, get: (key) => all(key).at(-1) };
}

const header = (key: string): string => {
	const first = key.indexOf('.');
	const last = key.lastIndexOf('.');
	return first === last ? `[${key.slice(0, first)}]` : `[${key.slice(0, first)} "${key.slice(first + 1, last).replace(/["\\]/g, '\\$&')}"]`;
};
const written = (value: string): string =>
	/^\s|\s$|[#;]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n');

/** Sets (or, with undefined, removes) keys in the text of a file; what stands around them stays as it is. */
export function editConfig(text: string, key: string, value: string | undefined, add = false): { readonly text: string; readonly found: boolean } {
	const wanted = canonicalKey(key);
	const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
	let section = '';
	let sectionEnd = -1;
	let hit = -1;
	lines.forEach((line, i) => {
		const s = SECTION.exec(line);
		if (s !== null) section = s[2] === undefined ? (s[1] ?? '').toLowerCase() : `${(s[1] ?? '').toLowerCase()}.${s[2].replace(/\\(.)/g, '$1')}`;
		if (section === wanted.slice(0, wanted.lastIndexOf('.'))) {
			sectionEnd = i;
			const name = /^\s*([A-Za-z][\w-]*)/.exec(line)?.[1]?.toLowerCase();
			if (s === null && `${section}.${name}` === wanted) hit = i;
		}
	});
	const entry = `\t${key.slice(key.lastIndexOf('.') + 1)} = ${written(value ?? '')}`;
	if (value === undefined) {
		if (hit >= 0) {
			lines.splice(hit, 1);
			// A section that has become empty goes with its last key.
			if (SECTION.test(lines[hit - 1] ?? '') && (lines[hit] === undefined || SECTION.test(lines[hit] ?? ''))) lines.splice(hit - 1, 1);
		}
	} else if (hit >= 0 && !add) lines[hit] = entry;
	else if (sectionEnd >= 0) lines.splice(sectionEnd + 1, 0, entry);
	else lines.push(header(key), entry);
	return { text: lines.length === 0 ? '' : `${lines.join('\n')}\n`, found: hit >= 0 };
}

/** Removes a section with its keys. */
export function removeSection(text: string, name: string): string {
	let section = '';
	const left = text.split('\n').filter((line) => {
		const s = SECTION.exec(line);
		if (s !== null) section = s[2] === undefined ? (s[1] ?? '') : `${s[1]}.${s[2]}`;
		return section !== name || line === '';
	});
	return left.join('\n');
}
