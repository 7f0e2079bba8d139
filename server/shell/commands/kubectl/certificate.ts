/** `kubectl certificate approve` and `deny`: a condition on a certificate signing request. Upstream: pkg/cmd/certificates. */
import { replaceObject } from './changes.ts';
import type { Obj } from './client.ts';
import { CliError, isNotFound, StatusError, throwAll, toError } from './errors.ts';
import { bool } from './flags.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { PRINT_FLAGS, resultPrinter } from './printers.ts';
import { getObject, type Info, infos } from './select.ts';
import type { Subcommand } from './subcommand.ts';

/** How often a change that meets another one is tried again. */
const TRIES = 10;

interface Decision {
	readonly type: 'Approved' | 'Denied';
	readonly unless: 'Approved' | 'Denied';
	readonly reason: string;
	readonly message: string;
}

function withCondition(kube: Kube, csr: Obj, decision: Decision): { readonly csr: Obj; readonly had: boolean } {
	const conditions = (csr['status']?.conditions ?? []) as Obj[];
	if (conditions.some((c) => c['type'] === decision.unless))
		throw new CliError(`certificate signing request "${csr.metadata?.name}" is already ${decision.unless}`);
	if (conditions.some((c) => c['type'] === decision.type)) return { csr, had: true };
	const { type, reason, message } = decision;
	const at = new Date(kube.now).toISOString().replace(/\.\d+Z$/, 'Z');
	const condition = { type, status: 'True', reason, message, lastUpdateTime: at, lastTransitionTime: null };
	return { csr: { ...csr, status: { ...csr['status'], conditions: [...conditions, condition] } }, had: false };
}

async function decide(kube: Kube, info: Info, decision: Decision, force: boolean): Promise<void> {
	if (info.mapping.kind !== 'CertificateSigningRequest' || info.mapping.group !== 'certificates.k8s.io') {
		const kind = `${info.mapping.kind}${info.mapping.group === '' ? '' : `.${info.mapping.group}`}`;
		throw new CliError(`can only handle CertificateSigningRequest.certificates.k8s.io objects, got ${kind}`);
	}
	for (let tried = 0; ; tried++) {
		let live: Obj;
		try {
			live = await getObject(kube, info);
		} catch (err) {
			throw isNotFound(err) ? new CliError(`could not find v1 version of ${info.name}: ${toError(err).message}`) : err;
		}
		const { csr, had } = withCondition(kube, live, decision);
		if (had && !force) return;
		try {
			await replaceObject(kube, info.mapping, '', info.name, csr, { subresource: 'approval' });
			return;
		} catch (err) {
			if (!(err instanceof StatusError) || err.reason !== 'Conflict' || tried >= TRIES) throw err;
		}
	}
}

function command(name: 'approve' | 'deny', verb: string, decision: Decision): Subcommand {
	return {
		name,
		flags: [bool('force'), ...FILE_FLAGS, ...PRINT_FLAGS],
		async run(kube, args, flags) {
			if (args.length === 0 && !hasFiles(flags)) throw new CliError('one or more CSRs must be specified as <name> or -f <filename>');
			const print = await resultPrinter(kube, flags);
			const errors: Error[] = [];
			const found = await infos(kube, args, flags, { word: 'certificatesigningrequests' }, errors);
			let done = 0;
			for (const info of found) {
				try {
					await decide(kube, info, decision, flags.bool('force'));
					done++;
					print(info.mapping, info.object ?? {}, verb);
				} catch (err) {
					errors.push(toError(err));
				}
			}
			if (done === 0 && errors.length === 0) kube.out('No resources found\n');
			throwAll(errors);
			return 0;
		},
	};
}

export const certificate: Subcommand = {
	name: 'certificate',
	bare: 'help',
	flags: [],
	children: [
		command('approve', 'approved', {
			type: 'Approved',
			unless: 'Denied',
			reason: 'KubectlApprove',
			message: 'This CSR was approved by kubectl certificate approve.',
		}),
		command('deny', 'denied', { type: 'Denied', unless: 'Approved', reason: 'KubectlDeny', message: 'This CSR was denied by kubectl certificate deny.' }),
	],
};
