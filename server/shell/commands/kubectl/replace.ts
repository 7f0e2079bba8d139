/** `kubectl replace`. Upstream: pkg/cmd/replace/replace.go. */
import { createObject, DRY_RUN, dryRunOf, fieldManager, replaceObject, SAVE_CONFIG, VALIDATE, validation, withAppliedConfig, withDryRun } from './changes.ts';
import { deleteAndWait } from './delete.ts';
import { CliError, isNotFound, throwAll, toError, usageError, withSource } from './errors.ts';
import { bool, text, time } from './flags.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { PRINT_FLAGS, resultPrinter } from './printers.ts';
import { fileInfos } from './select.ts';
import type { Subcommand } from './subcommand.ts';

export const replace: Subcommand = {
	name: 'replace',
	flags: [
		{ name: 'cascade', kind: 'string', def: 'background', bare: 'background' },
		DRY_RUN,
		fieldManager('kubectl-replace'),
		bool('force'),
		{ name: 'grace-period', kind: 'int', def: '-1' },
		text('raw'),
		SAVE_CONFIG,
		text('subresource'),
		time('timeout'),
		VALIDATE,
		bool('wait'),
		...FILE_FLAGS,
		...PRINT_FLAGS,
	],
	async run(kube, args, flags) {
		const force = flags.bool('force');
		if (args.length > 0) throw usageError(kube.path, `Unexpected args: [${args.join(' ')}]`);
		if (flags.int('grace-period') >= 0 && !force) throw new CliError('--grace-period must have --force specified');
		if (flags.duration('timeout') > 0 && !force) throw new CliError('--timeout must have --force specified');
		const dryRun = dryRunOf(kube, flags);
		if (force && dryRun !== 'none') throw new CliError('--dry-run can not be used when --force is set');
		if (!hasFiles(flags)) throw new CliError('must specify one of -f and -k');
		if (flags.str('raw') !== '') {
			const [file = ''] = flags.list('filename');
			const body = file === '-' ? kube.context.io.stdin : await kube.context.files.read(file);
			kube.out(await (await kube.client.fetch(flags.str('raw'), { method: 'PUT', body })).text());
			return 0;
		}
		const print = await resultPrinter(kube, flags);
		const errors: Error[] = [];
		const wanted = await fileInfos(kube, flags, errors);
		if (force) {
			for (const info of wanted) {
				try {
					await deleteAndWait(kube, info, { gracePeriod: Math.max(0, flags.int('grace-period')), cascade: flags.str('cascade') });
					kube.out(
						`${info.mapping.kind.toLowerCase()}${info.mapping.group === '' ? '' : `.${info.mapping.group}`} "${info.name}" deleted${info.mapping.namespaced ? ` from ${info.namespace} namespace` : ''}\n`,
					);
				} catch (err) {
					if (!isNotFound(err)) errors.push(withSource('deleting', info.source ?? '', toError(err)));
				}
			}
		}
		for (const info of wanted) {
			const object =
				flags.bool('save-config') || info.object?.metadata?.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] !== undefined
					? withAppliedConfig(info.object ?? {})
					: (info.object ?? {});
			const options = { dryRun, manager: flags.str('field-manager'), validation: validation(flags), subresource: flags.str('subresource') };
			try {
				if (info.name === '') throw new CliError('resource name may not be empty');
				if (dryRun === 'client') print(info.mapping, object, withDryRun('replaced', dryRun));
				else if (force) print(info.mapping, await createObject(kube, info.mapping, info.namespace, object, options), 'replaced');
				else print(info.mapping, await replaceObject(kube, info.mapping, info.namespace, info.name, object, options), withDryRun('replaced', dryRun));
			} catch (err) {
				errors.push(withSource('replacing', info.source ?? '', toError(err)));
			}
		}
		if (wanted.length === 0 && errors.length === 0) throw new CliError('no objects passed to replace');
		throwAll(errors);
		return 0;
	},
};
