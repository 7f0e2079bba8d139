/** `kubectl kustomize`: prints what a kustomization builds. */
import { CliError } from './errors.ts';
import { bool, list, text } from './flags.ts';
import { build } from './kustomize/build.ts';
import type { Subcommand } from './subcommand.ts';
import { toYaml } from './yaml-out.ts';

export const kustomize: Subcommand = {
	name: 'kustomize',
	flags: [
		bool('as-current-user'),
		bool('enable-alpha-plugins'),
		bool('enable-helm'),
		list('env', { short: 'e' }),
		list('helm-api-versions'),
		text('helm-command', { def: 'helm' }),
		bool('helm-debug'),
		text('helm-kube-version'),
		text('load-restrictor', { def: 'LoadRestrictionsRootOnly' }),
		list('mount'),
		bool('network'),
		text('network-name', { def: 'bridge' }),
		text('output', { short: 'o' }),
	],
	completes: 'files',
	async run(kube, args, flags) {
		if (args.length > 1) throw new CliError('specify one path to kustomization.yaml');
		const restrictor = flags.str('load-restrictor');
		if (!['LoadRestrictionsRootOnly', 'LoadRestrictionsNone'].includes(restrictor))
			throw new CliError(`illegal flag value --load-restrictor ${restrictor}; legal values: [LoadRestrictionsRootOnly LoadRestrictionsNone]`);
		const yaml = (await build(kube, args[0] ?? '.', flags.bool('enable-helm'))).map((o) => toYaml(o)).join('---\n');
		const output = flags.str('output');
		if (output === '') kube.out(yaml);
		else await kube.context.files.write(output, yaml);
		return 0;
	},
};
