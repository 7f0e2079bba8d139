/** `kubectl edit`: the object as a file in the learner's editor, then a patch. Upstream: pkg/cmd/util/editor. */
import { editorFault } from '../../editors.ts';
import { fieldManager, patchObject, VALIDATE, validation } from './changes.ts';
import type { Obj } from './client.ts';
import { CliError, errorText, isNotFound, StatusError, throwAll, toError } from './errors.ts';
import { bool, type Flags, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS } from './manifests.ts';
import { objectName, PRINT_FLAGS, withoutManagedFields } from './printers.ts';
import { type Info, infos } from './select.ts';
import { deepEqual, isBuiltIn, mergePatch, twoWayPatch } from './strategic.ts';
import type { Subcommand } from './subcommand.ts';
import { parseYaml } from './yaml-in.ts';
import { toJson, toYaml } from './yaml-out.ts';

export const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

/** The text to edit, with what went wrong last time on top. */
function draft(body: string, faults: readonly string[]): string {
	if (faults.length === 0) return HEADER + body;
	return `${HEADER}${faults.map((f) => `# ${f.split('\n').join('\n# ')}\n`).join('')}#\n${body}`;
}

const withoutComments = (content: string): string =>
	content
		.split('\n')
		.filter((l) => !l.startsWith('#'))
		.join('\n');

async function save(kube: Kube, flags: Flags, info: Info, before: Obj, after: Obj): Promise<void> {
	if (after.kind !== before.kind || after.apiVersion !== before.apiVersion || after.metadata?.name !== before.metadata?.name)
		throw new CliError('At least one of apiVersion, kind and name was changed');
	const strategic = isBuiltIn(info.mapping.group);
	const patch = strategic ? twoWayPatch(before, after, info.mapping.kind) : mergePatch(before, after);
	await patchObject(kube, info.mapping, info.namespace, info.name, strategic ? 'strategic-merge-patch+json' : 'merge-patch+json', patch, {
		manager: flags.str('field-manager'),
		validation: validation(flags),
		subresource: flags.str('subresource'),
	});
}

const aborted = (signal: AbortSignal): Promise<'aborted'> =>
	new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted'), { once: true }));

async function editOne(kube: Kube, flags: Flags, info: Info): Promise<number> {
	const json = flags.str('output') === 'json';
	const before = flags.bool('show-managed-fields') ? (info.object ?? {}) : withoutManagedFields(info.object ?? {});
	const path = `/tmp/kubectl-edit-${kube.now}.${json ? 'json' : 'yaml'}`;
	const { files } = kube.context;
	if ((await files.stat('/tmp')) === undefined) await files.mkdir('/tmp');
	let body = json ? toJson(before) : toYaml(before);
	let faults: string[] = [];
	for (;;) {
		const offered = draft(body, faults);
		await files.write(path, offered);
		const edited = await Promise.race([kube.context.edit(path), aborted(kube.signal)]);
		if (edited === 'aborted') {
			// The page closes the tab of a file that is gone.
			await files.remove(path);
			return 130;
		}
		if (!edited) throw new CliError(editorFault(kube.context.env, 'use kubectl get -o yaml > file, change it, and kubectl apply -f file (or kubectl patch)'));
		const saved = withoutComments(await files.read(path));
		const unchanged = saved.trim() === withoutComments(offered).trim();
		if (saved.trim() === '') {
			kube.err('Edit cancelled, saved file was empty.\n');
			await files.remove(path);
			return 0;
		}
		if (unchanged) {
			if (faults.length > 0) {
				kube.err(`A copy of your changes has been stored to "${path}"\n`);
				throw new CliError('Edit cancelled, no valid changes were saved.');
			}
			kube.err('Edit cancelled, no changes made.\n');
			await files.remove(path);
			return 0;
		}
		body = saved;
		try {
			const after = parseYaml(saved) as Obj;
			if (deepEqual(before, after)) {
				kube.err('Edit cancelled, no changes made.\n');
				await files.remove(path);
				return 0;
			}
			await save(kube, flags, info, before, after);
			kube.out(`${objectName(info.mapping, info.name)} edited\n`);
			await files.remove(path);
			return 0;
		} catch (err) {
			const error = toError(err);
			const worded = errorText(error);
			kube.err(
				`${error instanceof StatusError ? `error: ${info.mapping.resource}${info.mapping.group === '' ? '' : `.${info.mapping.group}`} "${info.name}" is invalid` : worded}\n`,
			);
			faults = [
				error instanceof StatusError
					? `${info.mapping.resource} "${info.name}" was not valid:\n* ${error.message}`
					: `The edited file had a syntax error: ${error.message}`,
			];
			if (kube.signal.aborted) throw error;
		}
	}
}

export const edit: Subcommand = {
	name: 'edit',
	flags: [
		fieldManager('kubectl-edit'),
		bool('output-patch'),
		bool('save-config'),
		text('subresource'),
		VALIDATE,
		bool('windows-line-endings'),
		...FILE_FLAGS,
		...PRINT_FLAGS,
	],
	completes: 'resources',
	async run(kube, args, flags) {
		const format = flags.str('output');
		if (!['', 'json', 'yaml', 'kyaml'].includes(format))
			throw new CliError(`unable to match a printer suitable for the output format "${format}", allowed formats are: json,kyaml,yaml`);
		const errors: Error[] = [];
		const everything = args.length === 1 && !args[0]?.includes('/');
		const found = await infos(kube, args, flags, { all: everything }, errors);
		// Where the namespace is missing, too, that is what is said.
		if (errors.some(isNotFound)) await kube.client.json(`/api/v1/namespaces/${kube.namespace}`);
		throwAll(errors);
		for (const info of found) await editOne(kube, flags, info);
		return 0;
	},
};
