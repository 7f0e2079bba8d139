/** `kubectl patch`. Upstream: pkg/cmd/patch/patch.go. */
import { DRY_RUN, dryRunOf, fieldManager, type PatchKind, patchObject } from './changes.ts';
import type { Obj } from './client.ts';
import { CliError, throwAll, toError } from './errors.ts';
import { bool, text } from './flags.ts';
import { applyJsonPatch, applyMergePatch, applyStrategic } from './local.ts';
import { FILE_FLAGS } from './manifests.ts';
import { PRINT_FLAGS, resultPrinter } from './printers.ts';
import { infos, localInfos } from './select.ts';
import { deepEqual, isBuiltIn } from './strategic.ts';
import type { Subcommand } from './subcommand.ts';
import { parseYaml } from './yaml-in.ts';

const KINDS: { readonly [type: string]: PatchKind } = { json: 'json-patch+json', merge: 'merge-patch+json', strategic: 'strategic-merge-patch+json' };

function isJson(text_: string): boolean {
	try {
		JSON.parse(text_);
		return true;
	} catch {
		return false;
	}
}

function locally(type: string, object: Obj, patch: unknown): Obj {
	if (type === 'json') return applyJsonPatch(object, patch) as Obj;
	if (type === 'merge') return applyMergePatch(object, patch) as Obj;
	return applyStrategic(object, patch, String(object.kind)) as Obj;
}

export const patch: Subcommand = {
	name: 'patch',
	flags: [
		DRY_RUN,
		fieldManager('kubectl-patch'),
		bool('local'),
		text('patch', { short: 'p' }),
		text('patch-file'),
		text('subresource'),
		text('type', { def: 'strategic' }),
		...FILE_FLAGS,
		...PRINT_FLAGS,
	],
	completes: 'resources',
	async run(kube, args, flags) {
		const [inline, file, type] = [flags.str('patch'), flags.str('patch-file'), flags.str('type').toLowerCase()];
		if (inline !== '' && file !== '') throw new CliError('cannot specify --patch and --patch-file together');
		if (inline === '' && file === '') throw new CliError('must specify --patch or --patch-file containing the contents of the patch');
		if (flags.bool('local') && args.length > 0) throw new CliError('cannot specify --local and server resources');
		const kind = KINDS[type];
		if (kind === undefined) throw new CliError(`--type must be one of [json merge strategic], not "${flags.str('type')}"`);
		const source =
			file === ''
				? inline
				: await kube.context.files.read(file).catch(() => Promise.reject(new CliError(`unable to read patch file: open ${file}: no such file or directory`)));
		let body: unknown;
		try {
			// What begins as JSON is taken for it, whatever follows: the server words its faults.
			body = /^\s*\{/.test(source) && !isJson(source) && kind !== KINDS['json'] ? source : parseYaml(source);
		} catch (err) {
			throw new CliError(`unable to parse "${source}": ${toError(err).message.replace('error converting YAML to JSON: ', '')}`);
		}
		const dryRun = dryRunOf(kube, flags);
		const print = await resultPrinter(kube, flags);
		const errors: Error[] = [];
		const wanted = flags.bool('local') ? await localInfos(kube, flags) : await infos(kube, args, flags, {}, errors);
		for (const info of wanted) {
			try {
				const before = info.object ?? {};
				if (flags.bool('local') || dryRun === 'client') {
					const after = locally(type, before, body);
					print(info.mapping, after, deepEqual(before, after) ? 'patched (no change)' : 'patched');
					continue;
				}
				if (type === 'strategic' && !isBuiltIn(info.mapping.group)) {
					throw new CliError(
						`application/strategic-merge-patch+json is not supported by ${info.mapping.group}/${info.mapping.version}, Kind=${info.mapping.kind}: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml`,
					);
				}
				const after = await patchObject(kube, info.mapping, info.namespace, info.name, kind, body, {
					dryRun,
					manager: flags.str('field-manager'),
					subresource: flags.str('subresource'),
				});
				// A subresource answers with an object of its own kind: `scale.autoscaling/web`.
				const [group = ''] = String(after.apiVersion ?? '').includes('/') ? String(after.apiVersion).split('/') : [''];
				print(
					flags.str('subresource') === '' || after.kind === undefined ? info.mapping : { group, kind: after.kind },
					after,
					dryRun === 'none' && before.metadata?.resourceVersion === after.metadata?.resourceVersion ? 'patched (no change)' : 'patched',
				);
			} catch (err) {
				errors.push(toError(err));
			}
		}
		if (wanted.length === 0 && errors.length === 0) throw new CliError('no objects passed to patch');
		throwAll(errors);
		return 0;
	},
};
