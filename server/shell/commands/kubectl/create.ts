/** `kubectl create -f`, and its generators under `create/`. Upstream: pkg/cmd/create. */
import { createObject, DRY_RUN, dryRunOf, fieldManager, SAVE_CONFIG, VALIDATE, validation, withAppliedConfig, withDryRun } from './changes.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding, serviceAccount } from './create/access.ts';
import { configMap, secretGenerators } from './create/data.ts';
import { generatorCommand } from './create/generator.ts';
import { budget, namespace, priorityClass, quota } from './create/policy.ts';
import { ingress, serviceGenerators } from './create/services.ts';
import { token } from './create/token.ts';
import { cronJob, deployment, job } from './create/workloads.ts';
import { CliError, throwAll, toError, withSource } from './errors.ts';
import { bool, text } from './flags.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { PRINT_FLAGS, resultPrinter } from './printers.ts';
import { fileInfos } from './select.ts';
import type { Subcommand } from './subcommand.ts';

const secret: Subcommand = {
	name: 'secret',
	flags: [],
	children: secretGenerators.map(generatorCommand),
};

const service: Subcommand = {
	name: 'service',
	aliases: ['svc'],
	flags: [],
	children: serviceGenerators.map(generatorCommand),
};

export const create: Subcommand = {
	name: 'create',
	flags: [
		DRY_RUN,
		bool('edit'),
		fieldManager('kubectl-create'),
		text('raw'),
		SAVE_CONFIG,
		text('selector', { short: 'l' }),
		VALIDATE,
		bool('windows-line-endings'),
		...FILE_FLAGS,
		...PRINT_FLAGS,
	],
	children: [
		...[clusterRole, clusterRoleBinding, configMap, cronJob, deployment, ingress, job, namespace, budget, priorityClass, quota, role, roleBinding].map(
			generatorCommand,
		),
		secret,
		service,
		generatorCommand(serviceAccount),
		token,
	],
	async run(kube, args, flags) {
		if (args.length > 0) throw new CliError(`Unexpected args: [${args.join(' ')}]\nSee '${kube.path} -h' for help and examples`);
		if (!hasFiles(flags)) throw new CliError('must specify one of -f and -k');
		if (flags.str('raw') !== '') {
			const [file = ''] = flags.list('filename');
			const body = file === '-' ? kube.context.io.stdin : await kube.context.files.read(file);
			kube.out(await (await kube.client.fetch(flags.str('raw'), { method: 'POST', body })).text());
			return 0;
		}
		const dryRun = dryRunOf(kube, flags);
		const checked = validation(flags);
		const print = await resultPrinter(kube, flags);
		const errors: Error[] = [];
		// Documents that cannot be read come to light only after those before them are made.
		const unread: Error[] = [];
		const wanted = await fileInfos(kube, flags, unread);
		for (const info of wanted) {
			const object = flags.bool('save-config') ? withAppliedConfig(info.object ?? {}) : (info.object ?? {});
			try {
				const made =
					dryRun === 'client'
						? object
						: await createObject(kube, info.mapping, info.namespace, object, { dryRun, manager: flags.str('field-manager'), validation: checked });
				print(info.mapping, made, withDryRun('created', dryRun));
			} catch (err) {
				errors.push(withSource('creating', info.source ?? '', toError(err)));
			}
		}
		errors.push(...unread);
		if (wanted.length === 0 && errors.length === 0) throw new CliError('no objects passed to create');
		throwAll(errors);
		return 0;
	},
};
