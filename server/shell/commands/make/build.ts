/** Making: which targets are out of date, in which order, and the recipes that bring them up to date. */
import { expand, MakeError, type MakeVariable, type Scope, stem } from './expand.ts';
import type { Makefile, Recipe, Rule } from './makefile.ts';

export interface Machine {
	/** ms since the epoch; undefined where there is no such file. */
	modified(path: string): Promise<number | undefined>;
	/** Runs one recipe line; its exit code. */
	run(command: string, env: { readonly [name: string]: string }): Promise<number>;
	remove(path: string): Promise<void>;
	touch(path: string): Promise<void>;
	out(text: string): void;
	err(text: string): void;
	readonly aborted: boolean;
}

export interface BuildOptions {
	readonly dryRun: boolean;
	readonly always: boolean;
	readonly keepGoing: boolean;
	readonly silent: boolean;
	readonly ignore: boolean;
	readonly question: boolean;
	readonly touch: boolean;
	/** `make`, or `make[1]` inside another. */
	readonly name: string;
}

/** What is known of a target once it has been made. */
interface Made {
	/** ms; infinity where it is newer than anything, undefined where it is no file. */
	readonly time: number | undefined;
	readonly failed: boolean;
	/** A recipe was run for it, or for something below it. */
	readonly ran: boolean;
	/** Its own recipe failed, no prerequisite's. */
	readonly own?: true;
}

/** All that makefiles say of one target. */
interface Plan {
	readonly prerequisites: readonly string[];
	readonly orderOnly: readonly string[];
	readonly recipe: readonly Recipe[];
	readonly stem: string;
	readonly known: boolean;
}

const unique = (list: readonly string[]): string[] => [...new Set(list)];

export class Build {
	private readonly makefile: Makefile;
	private readonly scope: Scope;
	private readonly machine: Machine;
	private readonly options: BuildOptions;
	private readonly made = new Map<string, Made>();
	private readonly making: string[] = [];
	private implicit: Map<string, Rule[]> | undefined;
	/** Something would have to be made: the exit code of `-q`. */
	outdated = false;

	constructor(makefile: Makefile, scope: Scope, machine: Machine, options: BuildOptions) {
		this.makefile = makefile;
		this.scope = scope;
		this.machine = machine;
		this.options = options;
	}

	/** Makes a goal; false where that failed. */
	async goal(target: string): Promise<boolean> {
		const { name } = this.options;
		const before = this.made.get(target);
		const done = await this.make(target, undefined);
		if (done.failed) {
			if (this.options.keepGoing && this.planned(target) && !done.own) this.machine.err(`${name}: Target '${target}' not remade because of errors.\n`);
			return false;
		}
		if ((!done.ran || before !== undefined) && !this.options.question) {
			const plan = await this.plan(target);
			if (!this.options.silent)
				this.machine.out(
					plan.recipe.length === 0 || this.makefile.phony.has(target)
						? `${name}: Nothing to be done for '${target}'.\n`
						: `${name}: '${target}' is up to date.\n`,
				);
		}
		return true;
	}

	private planned(target: string): boolean {
		return this.rulesOf(target).length > 0;
	}

	private rulesOf(target: string): Rule[] {
		if (this.implicit === undefined) {
			this.implicit = new Map();
			for (const r of this.makefile.rules) for (const t of r.targets) this.implicit.set(t, [...(this.implicit.get(t) ?? []), r]);
		}
		return this.implicit.get(target) ?? [];
	}

	/** A pattern rule that fits and whose prerequisites are there, or can be made. */
	private async patternFor(target: string, depth: number): Promise<{ readonly rule: Rule; readonly stem: string } | undefined> {
		if (depth > 4) return undefined;
		const fits = this.makefile.patterns.flatMap((rule) => {
			if (rule.recipe.length === 0) return [];
			for (const t of rule.targets) {
				// A pattern without a slash looks at the name alone; its folder is put back before the stem.
				const at = t.includes('/') ? 0 : target.lastIndexOf('/') + 1;
				const s = stem(t, target.slice(at));
				if (s !== undefined && s !== '') return [{ rule, stem: target.slice(0, at) + s, length: s.length }];
			}
			return [];
		});
		fits.sort((a, b) => a.length - b.length);
		for (const f of fits) {
			let possible = true;
			for (const p of f.rule.prerequisites) {
				const path = withStem(p, f.stem);
				if (!this.planned(path) && (await this.machine.modified(path)) === undefined && (await this.patternFor(path, depth + 1)) === undefined)
					possible = false;
			}
			if (possible) return f;
		}
		return undefined;
	}

	private async plan(target: string): Promise<Plan> {
		const rules = this.rulesOf(target);
		const prerequisites: string[] = [];
		const orderOnly: string[] = [];
		let recipe: readonly Recipe[] = [];
		let own = '';
		for (const r of rules) {
			const s = r.stemOf === undefined ? '' : (stem(r.stemOf, target) ?? '');
			const full = r.prerequisites.map((p) => (r.stemOf === undefined ? p : p.replace('%', () => s)));
			if (r.recipe.length > 0) {
				if (recipe.length > 0 && recipe[0] !== r.recipe[0]) {
					this.machine.err(
						`${r.recipe[0]?.file}:${r.recipe[0]?.line ?? 1}: warning: overriding recipe for target '${target}'\n${recipe[0]?.file}:${recipe[0]?.line}: warning: ignoring old recipe for target '${target}'\n`,
					);
				}
				recipe = r.recipe;
				own = s;
				prerequisites.unshift(...full);
			} else prerequisites.push(...full);
			orderOnly.push(...r.orderOnly);
		}
		if (recipe.length === 0 && !this.makefile.phony.has(target)) {
			const found = await this.patternFor(target, 0);
			if (found !== undefined) {
				const full = found.rule.prerequisites.map((p) => withStem(p, found.stem));
				return {
					prerequisites: [...full, ...prerequisites],
					orderOnly: [...found.rule.orderOnly.map((p) => withStem(p, found.stem)), ...orderOnly],
					recipe: found.rule.recipe,
					stem: found.stem,
					known: true,
				};
			}
		}
		return { prerequisites, orderOnly, recipe, stem: own, known: rules.length > 0 || this.makefile.phony.has(target) };
	}

	private async make(target: string, neededBy: string | undefined): Promise<Made> {
		const known = this.made.get(target);
		if (known !== undefined) return known;
		this.making.push(target);
		const done = await this.remake(target, neededBy);
		this.making.pop();
		this.made.set(target, done);
		return done;
	}

	private async remake(target: string, neededBy: string | undefined): Promise<Made> {
		const { machine, options, makefile } = this;
		const plan = await this.plan(target);
		const time = makefile.phony.has(target) ? undefined : await machine.modified(target);
		if (!plan.known) {
			if (time !== undefined) return { time, failed: false, ran: false };
			const fallback = this.rulesOf('.DEFAULT')[0];
			if (fallback !== undefined) return this.runRecipe(target, { ...plan, recipe: fallback.recipe }, [], time);
			const text = `No rule to make target '${target}'${neededBy === undefined ? '' : `, needed by '${neededBy}'`}.`;
			if (!options.keepGoing) throw new MakeError(text);
			machine.err(`${options.name}: *** ${text}\n`);
			return { time: undefined, failed: true, ran: false };
		}
		let outdated = time === undefined || options.always;
		let failed = false;
		let ran = false;
		const newer: string[] = [];
		for (const [p, order] of [...unique(plan.prerequisites).map((x) => [x, false] as const), ...unique(plan.orderOnly).map((x) => [x, true] as const)]) {
			if (this.making.includes(p)) {
				machine.err(`${options.name}: Circular ${target} <- ${p} dependency dropped.\n`);
				continue;
			}
			const done = await this.make(p, target);
			failed ||= done.failed;
			if (failed && !options.keepGoing) return { time, failed, ran };
			ran ||= done.ran && !order;
			if (!order && (done.time === undefined || time === undefined || done.time > time || done.ran)) {
				newer.push(p);
				outdated ||= done.ran || done.time === undefined || (time !== undefined && done.time > time);
			}
		}
		if (failed) return { time, failed, ran };
		if (!outdated) return { time, failed: false, ran: false };
		if (plan.recipe.length === 0) return { time: time ?? Number.POSITIVE_INFINITY, failed: false, ran };
		const done = await this.runRecipe(target, plan, newer, time);
		return { ...done, ran: done.ran || ran };
	}

	private automatic(target: string, plan: Plan, newer: readonly string[]): [string, string][] {
		const all = unique(plan.prerequisites);
		const base: [string, string][] = [
			['@', target],
			['<', plan.prerequisites[0] ?? ''],
			['^', all.join(' ')],
			['+', plan.prerequisites.join(' ')],
			['?', newer.join(' ')],
			['*', plan.stem],
			['|', plan.orderOnly.join(' ')],
		];
		const folder = (p: string): string => (p.includes('/') ? p.slice(0, p.lastIndexOf('/')) : p === '' ? '' : '.');
		return base.flatMap(([n, v]): [string, string][] => [
			[n, v],
			[`${n}D`, v.split(' ').map(folder).join(' ')],
			[
				`${n}F`,
				v
					.split(' ')
					.map((p) => p.slice(p.lastIndexOf('/') + 1))
					.join(' '),
			],
		]);
	}

	private async runRecipe(target: string, plan: Plan, newer: readonly string[], before: number | undefined): Promise<Made> {
		const { machine, options, makefile, scope } = this;
		this.outdated = true;
		if (options.question) return { time: Number.POSITIVE_INFINITY, failed: false, ran: true };
		if (options.touch && !makefile.phony.has(target)) {
			if (!options.silent) machine.out(`touch ${target}\n`);
			await machine.touch(target);
			return { time: Number.POSITIVE_INFINITY, failed: false, ran: true };
		}
		const hidden = new Map(scope.variables);
		for (const own of makefile.own.get(target) ?? []) {
			const old = scope.variables.get(own.name);
			if (old?.origin === 'command line' || (own.op === '?=' && old !== undefined)) continue;
			const simple = own.op.startsWith(':');
			const value = simple ? await expand(own.value, scope) : own.value;
			scope.variables.set(own.name, {
				value: own.op === '+=' && old !== undefined ? `${old.value} ${value}` : value,
				simple,
				origin: 'file',
				...(old?.exported ? { exported: true } : {}),
			});
		}
		for (const [n, value] of this.automatic(target, plan, newer)) scope.variables.set(n, { value, simple: true, origin: 'automatic' });
		try {
			const printed = await this.lines(target, plan.recipe);
			if (printed.failed !== undefined) {
				machine.err(`${options.name}: *** [${printed.failed.place}: ${target}] ${printed.failed.why}\n`);
				if ((makefile.special.has('.DELETE_ON_ERROR') || machine.aborted) && !makefile.phony.has(target)) {
					const now = await machine.modified(target);
					if (now !== undefined && now !== before) {
						machine.err(`${options.name}: *** Deleting file '${target}'\n`);
						await machine.remove(target);
					}
				}
				return { time: before, failed: true, ran: true, own: true };
			}
			const time = makefile.phony.has(target) ? undefined : ((await machine.modified(target)) ?? Number.POSITIVE_INFINITY);
			return { time, failed: false, ran: printed.any };
		} finally {
			scope.variables.clear();
			for (const [k, v] of hidden) scope.variables.set(k, v);
		}
	}

	private environment(): { [name: string]: string | MakeVariable } {
		const out: { [name: string]: MakeVariable } = {};
		for (const [n, v] of this.scope.variables) if (v.exported || v.origin === 'command line') out[n] = v;
		return out;
	}

	/** Runs a recipe's lines, one shell each (or, with .ONESHELL, one for all). */
	private async lines(
		target: string,
		recipe: readonly Recipe[],
	): Promise<{ readonly any: boolean; readonly failed?: { readonly place: string; readonly why: string } }> {
		const { machine, options, makefile, scope } = this;
		const covers = (name: string): boolean => {
			const set = makefile.special.get(name);
			return set !== undefined && (set.size === 0 || set.has(target));
		};
		const first = recipe[0];
		const whole = makefile.special.has('.ONESHELL') && first !== undefined ? [{ ...first, text: recipe.map((r) => r.text).join('\n') }] : recipe;
		const env: { [name: string]: string } = {};
		for (const [n, v] of Object.entries(this.environment())) if (typeof v !== 'string') env[n] = v.simple ? v.value : await expand(v.value, scope);
		let any = false;
		for (const line of whole) {
			scope.place = `${line.file}:${line.line}`;
			const forced = /\$[({]MAKE[)}]/.test(line.text) || /^[@-]*\+/.test(line.text);
			for (const one of makefile.special.has('.ONESHELL') ? [await expand(line.text, scope)] : separate(await expand(line.text, scope))) {
				const m = /^[\s@+-]*/.exec(one)?.[0] ?? '';
				const command = one.slice(m.length);
				if (command.trim() === '') continue;
				any = true;
				const quiet = m.includes('@') || options.silent || covers('.SILENT');
				if (!quiet || options.dryRun) machine.out(`${command}\n`);
				if (options.dryRun && !forced && !m.includes('+')) continue;
				const status = await machine.run(command, env);
				if (machine.aborted) return { any, failed: { place: scope.place, why: 'Interrupt' } };
				if (status === 0) continue;
				const why = status > 128 && status < 160 ? ({ 130: 'Interrupt', 137: 'Killed', 143: 'Terminated' }[status] ?? `Error ${status}`) : `Error ${status}`;
				if (!m.includes('-') && !options.ignore && !covers('.IGNORE')) return { any, failed: { place: scope.place, why } };
				machine.err(`${options.name}: [${scope.place}: ${target}] ${why} (ignored)\n`);
			}
		}
		return { any };
	}
}

/** A prerequisite's pattern with a stem put in: the stem's folder goes before what stands before the `%`. */
function withStem(pattern: string, s: string): string {
	if (!pattern.includes('%')) return pattern;
	const at = pattern.includes('/') ? 0 : s.lastIndexOf('/') + 1;
	return s.slice(0, at) + pattern.replace('%', () => s.slice(at));
}

/** Lines of a text whose ends are no continuations. */
function separate(text: string): string[] {
	const out: string[] = [];
	let current = '';
	for (const line of text.split('\n')) {
		current += line;
		if (/(^|[^\\])(\\\\)*\\$/.test(line)) current += '\n';
		else {
			out.push(current);
			current = '';
		}
	}
	return current === '' ? out : [...out, current];
}
