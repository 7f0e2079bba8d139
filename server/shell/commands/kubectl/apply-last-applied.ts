/** `kubectl apply edit-last-applied`, `set-last-applied` and `view-last-applied`. */
import { editorFault } from '../../editors.ts';
import { appliedConfig, DRY_RUN, dryRunOf, fieldManager, LAST_APPLIED, patchObject, VALIDATE, withDryRun } from './changes.ts';
import type { Obj } from './client.ts';
import { HEADER } from './edit.ts';
import { CliError, throwAll } from './errors.ts';
import { bool, type Flags, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { objectName, PRINT_FLAGS, resultPrinter } from './printers.ts';
import { fileInfos, getObject, type Info, infos } from './select.ts';
import type { Subcommand } from './subcommand.ts';
import { parseYaml } from './yaml-in.ts';
import { compactJson, toJson, toYaml } from './yaml-out.ts';

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
	flags: [bool('create-annotation'), DRY_RUN, ...FILE_FLAGS.filter((f) => f.name === 'filename'), ...PRINT_FLAGS],
	async run(kube, _args, flags) {
		const errors: Error[] = [];
		const dryRun = dryRunOf(kube, flags);
		if (!hasFiles(flags))
			throw new CliError(
				"You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
			);
		const print = await resultPrinter(kube, flags);
		for (const info of await fileInfos(kube, flags, errors)) {
			const live = await getObject(kube, info);
			if (live.metadata?.annotations?.[LAST_APPLIED] === undefined && !flags.bool('create-annotation')) {
				throw new CliError(
					`no last-applied-configuration annotation found on resource: ${info.name}, to create the annotation, run the command with --create-annotation`,
				);
			}
			let object = live;
			if (dryRun !== 'client') {
				const patch = { metadata: { annotations: { [LAST_APPLIED]: `${compactJson(info.object ?? {})}\n` } } };
				object = await patchObject(kube, info.mapping, info.namespace, info.name, 'merge-patch+json', patch, { dryRun });
			}
			print(info.mapping, object, withDryRun('configured', dryRun));
		}
		throwAll(errors);
		return 0;
	},
};

/** The annotation as a file in the page's editor, then a patch of it. */
async function editOne(kube: Kube, flags: Flags, info: Info): Promise<void> {
	const remembered = info.object?.metadata?.annotations?.[LAST_APPLIED];
	if (remembered === undefined) throw new CliError(`no last-applied-configuration annotation found on resource: ${info.name}`);
	const { files } = kube.context;
	const path = `/tmp/kubectl-edit-${kube.now}.yaml`;
	const before = `${HEADER}${toYaml(JSON.parse(remembered))}`;
	await files.mkdir('/tmp');
	await files.write(path, before);
	if (!(await kube.context.edit(path))) throw new CliError(editorFault(kube.context.env, 'use apply set-last-applied -f FILE'));
	const after = await files.read(path);
	await files.remove(path);
	const body = after.replace(/^#.*\n/gm, '');
	if (body.trim() === '' || after === before) {
		kube.err(body.trim() === '' ? 'Edit cancelled, saved file was empty.\n' : 'Edit cancelled, no changes made.\n');
		return;
	}
	const value = appliedConfig(parseYaml(body) as Obj);
	const patch = { metadata: { annotations: { [LAST_APPLIED]: value } } };
	await patchObject(kube, info.mapping, info.namespace, info.name, 'merge-patch+json', patch, { manager: flags.str('field-manager') });
	kube.out(`${objectName(info.mapping, info.name)} edited\n`);
}

const edit: Subcommand = {
	name: 'edit-last-applied',
	flags: [fieldManager('kubectl-client-side-apply'), VALIDATE, bool('windows-line-endings'), ...FILE_FLAGS, ...PRINT_FLAGS],
	completes: 'resources',
	async run(kube, args, flags) {
		const errors: Error[] = [];
		const found = await infos(kube, args, flags, {}, errors);
		throwAll(errors);
		for (const info of found) await editOne(kube, flags, info);
		return 0;
	},
};

export const applyLastApplied: readonly Subcommand[] = [edit, set, view];
