/** Words that may stand under the cursor: subcommands, flags, resource types, names, namespaces, containers. */
import type { CommandContext } from '../../command.ts';
import type { Obj } from './client.ts';
import { preferred, resourcePath } from './discovery.ts';
import { Flags } from './flags.ts';
import { Kube } from './kube.ts';
import { allFlags, resolve } from './root.ts';
import { subcommands } from './subcommands.ts';
import type { Subcommand } from './subcommand.ts';

type Context = Omit<CommandContext, 'io'>;

/** A context that says nothing, for lookups behind the prompt. */
const silent = (context: Context): CommandContext => ({
	...context,
	io: {
		stdout: () => undefined,
		stderr: () => undefined,
		drain: () => Promise.resolve(),
		stdinIsTerminal: false,
		stdoutIsTerminal: false,
		stdin: '',
		read: async () => null,
		columns: 80,
		rows: 24,
		signal: AbortSignal.timeout(2000),
	},
});

/** Flags of `words` that a lookup heeds, read leniently: half-typed lines have unknown ones. */
function lookupFlags(words: readonly string[], command: Pick<Subcommand, 'flags'>): { readonly flags: Flags; readonly args: readonly string[] } {
	const specs = new Map(allFlags(command).map((f) => [f.name, f]));
	const values = new Map<string, string[]>();
	const args: string[] = [];
	for (let i = 0; i < words.length; i++) {
		const word = words[i] as string;
		if (!word.startsWith('-')) {
			args.push(word);
			continue;
		}
		const [name = '', inline] = word.replace(/^-+/, '').split('=');
		const spec = word.startsWith('--') ? specs.get(name) : [...specs.values()].find((f) => f.short === name);
		if (spec === undefined) continue;
		if (spec.kind === 'bool' || spec.bare !== undefined || inline !== undefined) values.set(spec.name, [inline ?? 'true']);
		else values.set(spec.name, [words[++i] ?? '']);
	}
	return { flags: new Flags(specs, values, args, -1), args };
}

async function namesOf(kube: Kube, word: string): Promise<readonly string[]> {
	const mapping = await kube.mapper.byWord(word);
	const answer = await kube.client.json(resourcePath(mapping, kube.namespace));
	return ((answer['items'] ?? []) as Obj[]).map((o) => o.metadata?.name ?? '');
}

async function typeWords(kube: Kube): Promise<readonly string[]> {
	return preferred(await kube.mapper.catalogue())
		.filter((m) => m.verbs.includes('list'))
		.map((m) => m.resource);
}

/** Undefined where files may stand. */
async function argumentWords(kube: Kube, command: Subcommand, args: readonly string[], current: string): Promise<readonly string[] | undefined> {
	switch (command.completes) {
		case 'types':
			return typeWords(kube);
		case 'resources': {
			if (current.includes('/')) {
				const [type = ''] = current.split('/');
				return (await namesOf(kube, type)).map((n) => `${type}/${n}`);
			}
			return args.length === 0 ? typeWords(kube) : namesOf(kube, args[0] as string);
		}
		case 'nodes':
			return namesOf(kube, 'nodes');
		case 'contexts':
			return [...kube.config.contexts.keys()];
		case 'pods':
		case 'pod-or-type': {
			if (current.includes('/')) {
				const [type = ''] = current.split('/');
				return (await namesOf(kube, type)).map((n) => `${type}/${n}`);
			}
			return args.length === 0 ? namesOf(kube, 'pods') : [];
		}
		default:
			return undefined;
	}
}

/** What may follow a flag; undefined where files may. */
async function flagValues(kube: Kube, flag: string, args: readonly string[]): Promise<readonly string[] | undefined> {
	switch (flag) {
		case 'namespace':
			return namesOf(kube, 'namespaces');
		case 'context':
			return [...kube.config.contexts.keys()];
		case 'output':
			return ['json', 'yaml', 'wide', 'name', 'jsonpath=', 'custom-columns='];
		case 'container': {
			const name = (args[0] ?? '').replace(/^(pods?|po)\//, '');
			if (name === '') return [];
			const pod = await kube.client.json(`/api/v1/namespaces/${kube.namespace}/pods/${name}`);
			return [...(pod['spec']?.containers ?? []), ...(pod['spec']?.initContainers ?? [])].map((c: Obj) => String(c['name']));
		}
		default:
			return /file|kustomize|certificate|kubeconfig/.test(flag) ? undefined : [];
	}
}

/** The flag that still wants its value before the cursor: `-n <Tab>`, `--namespace=ku<Tab>`. */
function openFlag(before: readonly string[], current: string, command: Pick<Subcommand, 'flags'>): string | undefined {
	const specs = allFlags(command);
	const [inline] = /^--[^=]+(?==)/.exec(current) ?? [];
	const word = inline ?? before.at(-1) ?? '';
	if (inline === undefined && (word.includes('=') || !word.startsWith('-'))) return undefined;
	const spec = specs.find((f) => (word.startsWith('--') ? f.name === word.slice(2) : f.short === word.slice(1)));
	if (spec === undefined || (inline === undefined && (spec.kind === 'bool' || spec.bare !== undefined))) return undefined;
	return spec.name;
}

/** `words` are those after `kubectl`; the last is under the cursor. Undefined where files may stand; without an answer from the cluster there is nothing to offer. */
export async function complete(words: readonly string[], context: Context): Promise<readonly string[] | undefined> {
	const current = words.at(-1) ?? '';
	const before = words.slice(0, -1);
	const starting = (all: readonly string[]): readonly string[] => [...new Set(all)].filter((w) => w.startsWith(current)).sort();
	const { command, path, rest } = resolve(before);
	const flagged = command ?? { flags: [] };
	const flag = openFlag(before, current, flagged);
	if (flag === undefined) {
		if (current.startsWith('-'))
			return starting(
				allFlags(flagged)
					.filter((f) => !f.hidden)
					.map((f) => `--${f.name}${f.kind === 'bool' || f.bare !== undefined ? '' : '='}`),
			);
		if (command === undefined) return starting(subcommands.map((c) => c.name));
	}
	const { flags, args } = lookupFlags(rest, flagged);
	if (flag === undefined && command?.children !== undefined && args.length === 0) {
		const names = command.children.map((c) => c.name);
		if (command.run === undefined || names.some((n) => n.startsWith(current) && current !== '')) return starting(names);
	}
	try {
		const kube = await Kube.open(silent(context), flags, path);
		if (flag !== undefined) {
			const values = await flagValues(kube, flag, args);
			const prefix = current.startsWith('--') ? current.slice(0, current.indexOf('=') + 1) : '';
			return values === undefined ? undefined : starting(values.map((v) => prefix + v));
		}
		const found = command === undefined ? [] : await argumentWords(kube, command, args, current);
		return found === undefined ? undefined : starting(found);
	} catch {
		// A cluster that doesn't answer has no names to offer; the prompt must not print errors.
		return [];
	}
}
