/** `kubectl apply view-last-applied` and `set-last-applied`. */
import { appliedConfig, DRY_RUN, dryRunOf, LAST_APPLIED, patchObject, withDryRun } from './changes.ts';
import { CliError, throwAll } from './errors.ts';
import { bool, text } from './flags.ts';
import { FILE_FLAGS } from './manifests.ts';
import { objectName } from './printers.ts';
import { fileInfos, getObject, infos } from './select.ts';
import type { Subcommand } from './subcommand.ts';
import { toJson, toYaml } from './yaml-out.ts';

const view: Subcommand = {
	name: 'view-last-applied',
	flags: [bool('all'), text('output', { short: 'o', def: 'yaml' }), text('selector', { short: 'l' }), ...FILE_FLAGS],
	completes: 'resources',
	async run(kube, args, flags) {
		const errors: Error[] = [];
		for (const info of await infos(kube, args, flags, { selector: flags.str('selector'), all: flags.bool('all') }, errors)) {
			const text_ = info.object?.metadata?.annotations?.[LAST_APPLIED];
			if (text_ === undefined) throw new CliError(`no last-applied-configuration annotation found on resource: ${info.name}`);
			const value: unknown = JSON.parse(text_);
			if (flags.str('output') === 'json') kube.out(toJson(value, { indent: 2 }));
			else if (flags.str('output') === 'yaml') kube.out(toYaml(value));
			else
				throw new CliError(
					`Unexpected -o output mode: ${flags.str('output')}, the flag 'output' must be one of yaml|json\nSee '${kube.path} -h' for help and examples`,
				);
		}
		throwAll(errors);
		return 0;
	},
};

const set: Subcommand = {
	name: 'set-last-applied',
	flags: [bool('create-annotation'), DRY_RUN, ...FILE_FLAGS],
	async run(kube, _args, flags) {
		const errors: Error[] = [];
		const dryRun = dryRunOf(kube, flags);
		for (const info of await fileInfos(kube, flags, errors)) {
			const live = await getObject(kube, info);
			if (live.metadata?.annotations?.[LAST_APPLIED] === undefined && !flags.bool('create-annotation')) {
				throw new CliError(
					`no last-applied-configuration annotation found on resource: ${info.name}, to create the annotation, run the command with --create-annotation`,
				);
			}
			if (dryRun !== 'client') {
				const patch = { metadata: { annotations: { [LAST_APPLIED]: appliedConfig(info.object ?? {}) } } };
				await patchObject(kube, info.mapping, info.namespace, info.name, 'merge-patch+json', patch, { dryRun });
			}
			kube.out(`${objectName(info.mapping, info.name)} ${withDryRun('configured', dryRun)}\n`);
		}
		throwAll(errors);
		return 0;
	},
};

export const applyLastApplied: readonly Subcommand[] = [view, set];
