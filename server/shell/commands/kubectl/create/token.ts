/** `create token`: a bound service account token. */
import { CliError, StatusError } from '../errors.ts';
import { list, text, time } from '../flags.ts';
import { PRINT_FLAGS, printerFor } from '../printers.ts';
import type { Subcommand } from '../subcommand.ts';
import { oneName } from './generator.ts';

export const token: Subcommand = {
	name: 'token',
	flags: [
		list('audience', { kind: 'array' }),
		text('bound-object-kind'),
		text('bound-object-name'),
		text('bound-object-uid'),
		time('duration'),
		...PRINT_FLAGS,
	],
	async run(kube, args, flags) {
		const name = oneName(kube, args);
		const seconds = flags.duration('duration') / 1000;
		if (seconds < 0) throw new CliError('--duration must be greater than or equal to 0');
		if (!Number.isInteger(seconds)) throw new CliError('--duration cannot be expressed in units less than seconds');
		const [kind, bound] = [flags.str('bound-object-kind'), flags.str('bound-object-name')];
		if (kind === '' && bound !== '') throw new CliError('--bound-object-name can only be set if --bound-object-kind is provided');
		if (kind !== '' && !['Pod', 'Secret', 'Node'].includes(kind)) throw new CliError('supported --bound-object-kind values are Node, Pod, Secret');
		if (kind !== '' && bound === '') throw new CliError('--bound-object-name is required if --bound-object-kind is provided');
		const audiences = flags.list('audience');
		const spec = {
			audiences: audiences.length > 0 ? audiences : null,
			...(seconds > 0 ? { expirationSeconds: seconds } : {}),
			...(kind === '' ? {} : { boundObjectRef: { kind, apiVersion: 'v1', name: bound, uid: flags.str('bound-object-uid') } }),
		};
		try {
			const body = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec };
			const answer = await kube.client.json(`/api/v1/namespaces/${kube.namespace}/serviceaccounts/${name}/token`, { method: 'POST', body });
			const printer = await printerFor(kube, flags);
			if (printer !== undefined) kube.out(printer(answer));
			else {
				if (!answer.status?.token) throw new CliError('failed to create token: no token in server response');
				kube.out(
					kube.context.io.stdoutIsTerminal
						? `${answer.status.token}
`
						: answer.status.token,
				);
			}
			return 0;
		} catch (err) {
			if (!(err instanceof StatusError)) throw err;
			throw new CliError(`failed to create token: ${err.message}`);
		}
	},
};
