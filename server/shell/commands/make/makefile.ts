/** Reading makefiles: variables, rules, conditionals, includes, as GNU make's manual has them (chapters 3 to 7). */
import { expand, MakeError, type Scope } from './expand.ts';

export interface Recipe {
	readonly text: string;
	readonly file: string;
	readonly line: number;
}

export interface Rule {
	readonly targets: readonly string[];
	readonly prerequisites: readonly string[];
	/** After `|`: made first, but not a reason to make anew. */
	readonly orderOnly: readonly string[];
	readonly recipe: Recipe[];
	/** A static pattern's stem pattern; of an implicit rule the targets hold the `%` themselves. */
	readonly stemOf?: string;
}

export interface Makefile {
	readonly rules: Rule[];
	readonly patterns: Rule[];
	readonly phony: Set<string>;
	/** Settings like .SILENT, .IGNORE, .ONESHELL; with the targets they are for (none: all). */
	readonly special: Map<string, Set<string>>;
	/** Target → its own assignments. */
	readonly own: Map<string, { readonly name: string; readonly op: string; readonly value: string }[]>;
	/** Makefiles that an include named and that are not there: an error unless a rule makes them. */
	readonly missing: { readonly name: string; readonly file: string; readonly line: number }[];
	goal: string | undefined;
}

export const emptyMakefile = (): Makefile => ({ rules: [], patterns: [], phony: new Set(), special: new Map(), own: new Map(), missing: [], goal: undefined });

interface Line {
	readonly text: string;
	readonly number: number;
	readonly recipe: boolean;
}

/** Logical lines: `\` at an end joins; in recipes the join is the shell's to see. */
function logicalLines(text: string): Line[] {
	const out: Line[] = [];
	const raw = text.split('\n');
	for (let i = 0; i < raw.length; i++) {
		const number = i + 1;
		let line = raw[i] ?? '';
		const recipe = line.startsWith('\t');
		while (/(^|[^\\])(\\\\)*\\$/.test(line) && i + 1 < raw.length) {
			const next = raw[++i] ?? '';
			line = recipe ? `${line}\n${next.replace(/^\t/, '')}` : `${line.slice(0, -1).trimEnd()} ${next.trimStart()}`;
		}
		out.push({ text: line, number, recipe });
	}
	return out;
}

/** Without a comment; `\#` stays a `#`. */
function uncommented(text: string): string {
	for (let i = 0; i < text.length; i++) {
		if (text[i] !== '#') continue;
		if (text[i - 1] === '\\') continue;
		return text.slice(0, i).replace(/\\#/g, '#');
	}
	return text.replace(/\\#/g, '#');
}

const ASSIGNMENT = /^\s*((?:(?:export|override|private)\s+)*)([^\s:#=+?!]+(?:\([^)]*\))?)\s*(:::?=|:=|\+=|\?=|!=|=)\s?\s*(.*)$/s;

/** Two arguments of ifeq: `(a,b)`, `"a" "b"`, `'a' 'b'`. */
async function equal(text: string, scope: Scope): Promise<boolean> {
	const t = text.trim();
	if (t.startsWith('(')) {
		let depth = 0;
		for (let i = 1; i < t.length; i++) {
			if (t[i] === '(' || t[i] === '{') depth++;
			else if (t[i] === ')' || t[i] === '}') depth--;
			else if (t[i] === ',' && depth === 0)
				return (await expand(t.slice(1, i).trim(), scope)) === (await expand(t.slice(i + 1, t.lastIndexOf(')')).trim(), scope));
		}
		throw new MakeError('invalid syntax in conditional', scope.place);
	}
	const m = /^(["'])(.*?)\1\s*(["'])(.*?)\3\s*$/.exec(t);
	if (m === null) throw new MakeError('invalid syntax in conditional', scope.place);
	return (await expand(m[2] ?? '', scope)) === (await expand(m[4] ?? '', scope));
}

/** Where a rule's colon stands, outside `$(…)`. */
function colonAt(text: string): number {
	let depth = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text[i];
		if (c === '$' && (text[i + 1] === '(' || text[i + 1] === '{')) {
			depth++;
			i++;
		} else if ((c === ')' || c === '}') && depth > 0) depth--;
		else if (c === ':' && depth === 0) return i;
	}
	return -1;
}

const words = (text: string): string[] => text.split(/\s+/).filter((w) => w !== '');

class Reader {
	private readonly makefile: Makefile;
	private readonly scope: Scope;
	private rules: Rule[] = [];
	/** Conditionals around: whether their branch is read, and whether one has been. */
	private readonly conditions: { on: boolean; taken: boolean }[] = [];
	private exportAll = false;

	constructor(makefile: Makefile, scope: Scope) {
		this.makefile = makefile;
		this.scope = scope;
	}

	async read(text: string, file: string): Promise<void> {
		const lines = logicalLines(text);
		for (let i = 0; i < lines.length; i++) {
			const line = lines[i];
			if (line === undefined) continue;
			this.scope.place = `${file}:${line.number}`;
			if (await this.conditional(uncommented(line.text))) continue;
			if (this.conditions.some((c) => !c.on)) continue;
			if (line.recipe && (this.rules.length > 0 || line.text.trim() !== '')) {
				if (this.rules.length > 0) {
					for (const r of this.rules) r.recipe.push({ text: line.text.slice(1), file, line: line.number });
					continue;
				}
				if (!ASSIGNMENT.test(line.text)) throw new MakeError('recipe commences before first target', this.scope.place);
			}
			const define = /^\s*(?:export\s+)?define\s+(\S+)\s*(=|:=|\+=|\?=)?\s*$/.exec(line.text);
			if (define !== null) {
				const body: string[] = [];
				while (++i < lines.length && !/^\s*endef\b/.test(lines[i]?.text ?? '')) body.push(lines[i]?.text ?? '');
				await this.assign(define[1] ?? '', define[2] ?? '=', body.join('\n'));
				continue;
			}
			await this.line(uncommented(line.text), file, line.number);
		}
		if (this.conditions.length > 0) throw new MakeError("missing 'endif'", `${file}:${lines.length}`);
	}

	private async conditional(text: string): Promise<boolean> {
		const m = /^\s*(else\s+)?(ifeq|ifneq|ifdef|ifndef)\b\s*(.*)$/.exec(text);
		const outer = this.conditions.slice(0, m?.[1] === undefined ? undefined : -1).every((c) => c.on);
		const test = async (): Promise<boolean> => {
			const [kind, rest] = [m?.[2] ?? '', m?.[3] ?? ''];
			if (kind === 'ifeq' || kind === 'ifneq') return (await equal(rest, this.scope)) === (kind === 'ifeq');
			const name = (await expand(rest.trim(), this.scope)).trim();
			return ((this.scope.variables.get(name)?.value ?? '') !== '') === (kind === 'ifdef');
		};
		if (m !== null) {
			if (m[1] === undefined) {
				const on = outer && (await test());
				this.conditions.push({ on, taken: on || !outer });
			} else {
				const top = this.conditions.at(-1);
				if (top === undefined) throw new MakeError("extraneous 'else'", this.scope.place);
				top.on = !top.taken && (await test());
				top.taken ||= top.on;
			}
			return true;
		}
		if (/^\s*else\s*$/.test(text)) {
			const top = this.conditions.at(-1);
			if (top === undefined) throw new MakeError("extraneous 'else'", this.scope.place);
			top.on = !top.taken;
			top.taken = true;
			return true;
		}
		if (/^\s*endif\s*$/.test(text)) {
			if (this.conditions.pop() === undefined) throw new MakeError("extraneous 'endif'", this.scope.place);
			return true;
		}
		return false;
	}

	private async assign(name: string, op: string, value: string, flags = ''): Promise<void> {
		const { scope } = this;
		const old = scope.variables.get(name);
		if (old?.origin === 'command line' && !flags.includes('override')) return;
		const exported = flags.includes('export') || old?.exported || this.exportAll;
		const put = (text: string, simple: boolean): void => {
			scope.variables.set(name, {
				value: text,
				simple,
				place: scope.place,
				origin: flags.includes('override') ? 'override' : 'file',
				...(exported ? { exported } : {}),
			});
		};
		if (op === '=') put(value, false);
		else if (op === '?=') {
			if (old === undefined) put(value, false);
		} else if (op === '+=')
			put(
				old === undefined || old.value === ''
					? old?.simple
						? await expand(value, scope)
						: value
					: `${old.value} ${old.simple ? await expand(value, scope) : value}`,
				old?.simple ?? false,
			);
		else if (op === '!=') put(await scope.shell(await expand(value, scope)), true);
		else put(await expand(value, scope), true);
	}

	private async line(text: string, file: string, number: number): Promise<void> {
		const { scope } = this;
		if (text.trim() === '') {
			if (text === '') return;
			return;
		}
		const assignment = ASSIGNMENT.exec(text);
		const colon = colonAt(text);
		const equals = text.indexOf('=');
		if (assignment !== null && (colon < 0 || equals < colon + 3)) {
			this.rules = [];
			await this.assign((await expand(assignment[2] ?? '', scope)).trim(), assignment[3] ?? '=', assignment[4] ?? '', assignment[1] ?? '');
			return;
		}
		const include = /^\s*(-include|sinclude|include)\s+(.*)$/.exec(text);
		if (include !== null) {
			this.rules = [];
			for (const pattern of words(await expand(include[2] ?? '', scope))) {
				const found = await scope.glob(pattern);
				for (const name of found.length > 0 ? found : [pattern]) {
					const content = await scope.read(name);
					if (content !== undefined) {
						await new Reader(this.makefile, scope).read(content, name);
						scope.place = `${file}:${number}`;
					} else if (include[1] === 'include') this.makefile.missing.push({ name, file, line: number });
				}
			}
			return;
		}
		const exporting = /^\s*(export|unexport)\b\s*(.*)$/.exec(text);
		if (exporting !== null && colon < 0) {
			const names = words(await expand(exporting[2] ?? '', scope));
			if (names.length === 0) {
				this.exportAll = exporting[1] === 'export';
				for (const [k, v] of scope.variables) if (v.origin === 'file') scope.variables.set(k, { ...v, exported: this.exportAll });
			}
			for (const n of names) {
				const v = scope.variables.get(n);
				if (v !== undefined) scope.variables.set(n, { ...v, exported: exporting[1] === 'export' });
			}
			return;
		}
		if (/^\s*(vpath|undefine)\b/.test(text)) {
			if (/undefine/.test(text)) scope.variables.delete(text.trim().split(/\s+/)[1] ?? '');
			return;
		}
		if (colon < 0) {
			const whole = await expand(text, scope);
			if (whole.trim() === '') return;
			const again = colonAt(whole);
			if (again < 0)
				throw new MakeError(`missing separator${text.startsWith('        ') ? ' (did you mean TAB instead of 8 spaces?)' : ''}`, `${file}:${number}`);
			return this.rule(whole, again, file, number);
		}
		await this.rule(text, colon, file, number);
	}

	private async rule(text: string, colon: number, file: string, number: number): Promise<void> {
		const { scope, makefile } = this;
		const targets = await this.names(await expand(text.slice(0, colon), scope));
		let rest = text.slice(colon + 1).replace(/^:/, '');
		const own = ASSIGNMENT.exec(rest);
		if (own !== null && !/^[^=]*;/.test(rest)) {
			for (const t of targets) makefile.own.set(t, [...(makefile.own.get(t) ?? []), { name: own[2] ?? '', op: own[3] ?? '=', value: own[4] ?? '' }]);
			this.rules = [];
			return;
		}
		const recipe: Recipe[] = [];
		const semicolon = rest.indexOf(';');
		if (semicolon >= 0) {
			recipe.push({ text: rest.slice(semicolon + 1).trimStart(), file, line: number });
			rest = rest.slice(0, semicolon);
		}
		rest = await expand(rest, scope);
		const second = colonAt(rest);
		let stemOf: string | undefined;
		if (second >= 0) {
			stemOf = rest.slice(0, second).trim();
			rest = rest.slice(second + 1);
		}
		const bar = rest.split('|');
		const [prerequisites, orderOnly] = [await this.names(bar[0] ?? ''), await this.names(bar[1] ?? '')];
		this.rules = [];
		const [first] = targets;
		if (first !== undefined && /^\.[A-Z_]+$/.test(first)) {
			makefile.special.set(first, new Set([...(makefile.special.get(first) ?? []), ...prerequisites]));
			if (first === '.PHONY') for (const p of prerequisites) makefile.phony.add(p);
			return;
		}
		if (stemOf === undefined && targets.some((t) => t.includes('%'))) {
			const rule: Rule = { targets, prerequisites, orderOnly, recipe };
			makefile.patterns.push(rule);
			this.rules = [rule];
			return;
		}
		makefile.goal ??= targets.find((t) => !t.startsWith('.') || t.includes('/'));
		for (const t of targets) {
			const rule: Rule = { targets: [t], prerequisites, orderOnly, recipe: [...recipe], ...(stemOf === undefined ? {} : { stemOf }) };
			makefile.rules.push(rule);
			this.rules.push(rule);
		}
	}

	/** Names with their wildcards expanded; one that fits nothing stands for itself. */
	private async names(text: string): Promise<string[]> {
		const out: string[] = [];
		for (const w of words(text)) {
			const found = /[*?[]/.test(w) && !w.includes('%') ? await this.scope.glob(w) : [];
			out.push(...(found.length > 0 ? found : [w.replace(/^\.\//, '')]));
		}
		return out;
	}
}

/** Reads a makefile's text into what has been read so far. Throws `MakeError` with GNU make's words. */
export function readMakefile(makefile: Makefile, scope: Scope, text: string, file: string): Promise<void> {
	return new Reader(makefile, scope).read(text, file);
}
