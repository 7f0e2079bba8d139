/** `kubectl plugin list`: executables named kubectl-* on the PATH. Upstream: pkg/cmd/plugin. Running them is the shell's part. */
import { CliError } from './errors.ts';
import { bool } from './flags.ts';
import type { Kube } from './kube.ts';
import type { Subcommand } from './subcommand.ts';

const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

async function pluginsOf(kube: Kube): Promise<readonly string[]> {
	const folders = [...new Set((kube.context.env['PATH'] ?? '').split(':'))].filter((f) => f.trim() !== '');
	const out: string[] = [];
	for (const folder of folders) {
		const stat = await kube.context.files.stat(folder);
		if (stat === undefined) {
			kube.err(`Unable to read directory "${folder}" from your PATH: open ${folder}: no such file or directory. Skipping...\n`);
			continue;
		}
		const names = (await kube.context.files.list(folder)).map(base).filter((n) => n.startsWith('kubectl-'));
		for (const name of names) out.push(`${folder.replace(/\/+$/, '')}/${name}`);
	}
	return out;
}

/** The command that a plugin of this name would hide behind, as `kubectl create secret`. */
function overwritten(name: string, known: (words: readonly string[]) => string | undefined): string | undefined {
	return known(name.split('-').slice(1));
}

/** `find` tells the path of a command of kubectl's own, undefined where there is none: the tree holds this command, too. */
export function pluginCommand(find: (words: readonly string[]) => string | undefined): Subcommand {
	const list: Subcommand = {
		name: 'list',
		flags: [bool('name-only')],
		async run(kube, _args, flags) {
			const plugins = await pluginsOf(kube);
			const errors: string[] = [];
			if (plugins.length > 0) kube.out('The following compatible plugins are available:\n\n');
			else errors.push('error: unable to find any kubectl plugins in your PATH');
			const seen = new Map<string, string>();
			let warnings = 0;
			for (const path of plugins) {
				const name = base(path);
				kube.out(`${flags.bool('name-only') ? name : path}\n`);
				const said: string[] = [];
				const first = seen.get(name);
				if (first !== undefined) said.push(`warning: ${path} is overshadowed by a similarly named plugin: ${first}`);
				else seen.set(name, path);
				const own = overwritten(name, find);
				if (own !== undefined) said.push(`warning: ${name} overwrites existing command: "${own}"`);
				for (const line of said) kube.err(`  - ${line}\n`);
				warnings += said.length;
			}
			if (warnings > 0) errors.push(warnings === 1 ? 'error: one plugin warning was found' : `error: ${warnings} plugin warnings were found`);
			if (errors.length > 0) throw new CliError(errors.map((e) => `${e}\n`).join(''), { raw: true });
			return 0;
		},
	};
	return { name: 'plugin', flags: [], children: [list] };
}
