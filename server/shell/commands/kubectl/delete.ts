/** `kubectl delete`. Upstream: pkg/cmd/delete/delete.go. */
import { DRY_RUN, dryRunOf, withDryRun } from './changes.ts';
import { type Mapping, resourcePath, singularName } from './discovery.ts';
import { CliError, isNotFound, StatusError, throwAll, toError, withSource } from './errors.ts';
import { bool, type Flags, text, time } from './flags.ts';
import { follow } from './follow.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { objectName } from './printers.ts';
import { type Info, infos } from './select.ts';
import type { Subcommand } from './subcommand.ts';

const PROPAGATION: { readonly [cascade: string]: string } = {
	background: 'Background',
	foreground: 'Foreground',
	orphan: 'Orphan',
	true: 'Background',
	false: 'Orphan',
};

export interface DeleteRequest {
	/** Seconds; below zero: the object's own. */
	readonly gracePeriod: number;
	readonly cascade: string;
	readonly dryRun?: boolean;
}

/** Asks for a deletion; resolves with the uid of what goes. */
export async function deleteObject(kube: Kube, info: Pick<Info, 'mapping' | 'namespace' | 'name'>, request: DeleteRequest): Promise<string | undefined> {
	const body = {
		kind: 'DeleteOptions',
		apiVersion: 'v1',
		...(request.gracePeriod >= 0 ? { gracePeriodSeconds: request.gracePeriod } : {}),
		propagationPolicy: PROPAGATION[request.cascade] ?? 'Background',
		...(request.dryRun ? { dryRun: ['All'] } : {}),
	};
	const answer = await kube.client.json(resourcePath(info.mapping, info.namespace, info.name), {
		method: 'DELETE',
		body,
		query: { dryRun: request.dryRun ? 'All' : undefined },
	});
	return answer.kind === 'Status' ? (answer['details']?.uid as string | undefined) : answer.metadata?.uid;
}

/** Resolves when the object with that uid (or any of the name) is gone; 'timeout' when it took too long. */
export async function waitGone(
	kube: Kube,
	info: Pick<Info, 'mapping' | 'namespace' | 'name'>,
	uid: string | undefined,
	timeoutMs?: number,
): Promise<'done' | 'timeout' | 'aborted'> {
	const gone = (found: string | undefined): boolean => found === undefined || (uid !== undefined && found !== uid);
	return follow(kube, {
		mapping: info.mapping,
		namespace: info.namespace,
		name: info.name,
		...(timeoutMs === undefined ? {} : { timeoutMs }),
		initial: (objects) => gone(objects[0]?.metadata?.uid),
		change: (type, object) => type === 'DELETED' || gone(object.metadata?.uid),
	});
}

export async function deleteAndWait(kube: Kube, info: Pick<Info, 'mapping' | 'namespace' | 'name'>, request: DeleteRequest): Promise<void> {
	const uid = await deleteObject(kube, info, request);
	await waitGone(kube, info, uid);
}

function check(kube: Kube, args: readonly string[], flags: Flags): number {
	let grace = flags.int('grace-period');
	if (flags.bool('now')) {
		if (grace !== -1) throw new CliError('--now and --grace-period cannot be specified together');
		grace = 1;
	}
	// A grace period of 0 without --force would be unsafe: upstream asks for 1 second instead.
	if (grace === 0 && !flags.bool('force')) grace = 1;
	if (flags.bool('force') && grace < 0) grace = 0;
	if (!['', 'name'].includes(flags.str('output'))) throw new CliError(`unexpected -o output mode: ${flags.str('output')}. We only support '-o name'`);
	if (flags.bool('all') && flags.str('selector') !== '') throw new CliError("setting 'all' parameter but found a non empty selector. ");
	if (flags.bool('all') && flags.str('field-selector') !== '') throw new CliError("setting 'all' parameter but found a non empty selector. ");
	if (grace > 0 && flags.bool('force')) throw new CliError('--force and --grace-period greater than 0 cannot be specified together');
	const cascade = flags.str('cascade');
	if (cascade === 'true' || cascade === 'false')
		kube.err(
			`warning: --cascade=${cascade} is deprecated (boolean value) and can be replaced with --cascade=${cascade === 'true' ? 'background' : 'orphan'}.\n`,
		);
	if (!(flags.str('cascade') in PROPAGATION))
		throw new CliError(`invalid cascade value (${flags.str('cascade')}). Must be "background", "foreground", or "orphan"`);
	if (args.length === 0 && !hasFiles(flags) && flags.str('raw') === '') {
		throw new CliError(
			"You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
		);
	}
	if (grace === 0 && flags.bool('force')) {
		kube.warn(
			'Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.',
		);
	}
	return grace;
}

function line(mapping: Mapping, info: Info, grace: number, dryRun: 'none' | 'client' | 'server', nameOnly: boolean): string {
	if (nameOnly) return `${objectName(mapping, info.name)}\n`;
	let operation = grace === 0 ? 'force deleted' : 'deleted';
	if (mapping.namespaced) operation += ` from ${info.namespace} namespace`;
	return `${singularName(mapping)} "${info.name}" ${withDryRun(operation, dryRun)}\n`;
}

export const del: Subcommand = {
	name: 'delete',
	flags: [
		bool('all'),
		bool('all-namespaces', { short: 'A' }),
		{
			name: 'cascade',
			kind: 'string',
			def: 'background',
			bare: 'background',
		},
		DRY_RUN,
		text('field-selector'),
		bool('force'),
		{ name: 'grace-period', kind: 'int', def: '-1' },
		bool('ignore-not-found'),
		bool('interactive', { short: 'i' }),
		bool('now'),
		text('output', { short: 'o' }),
		text('raw'),
		text('selector', { short: 'l' }),
		time('timeout'),
		bool('wait', { def: 'true' }),
		...FILE_FLAGS,
	],
	completes: 'resources',
	async run(kube, args, flags) {
		if (flags.str('raw') !== '') {
			const answer = await kube.client.fetch(flags.str('raw'), { method: 'DELETE' });
			kube.out(await answer.text());
			return 0;
		}
		const grace = check(kube, args, flags);
		const dryRun = dryRunOf(kube, flags);
		const errors: Error[] = [];
		const all = flags.bool('all');
		const selecting = all || flags.str('selector') !== '' || flags.str('field-selector') !== '';
		const options = {
			selector: flags.str('selector'),
			fieldSelector: flags.str('field-selector'),
			all,
			allNamespaces: flags.bool('all-namespaces'),
			local: !selecting,
		};
		const wanted = await infos(kube, args, flags, options, errors);
		if (flags.bool('interactive') && !(await confirmed(kube, wanted))) return 0;
		if (kube.namespaceForced && wanted.some((i) => !i.mapping.namespaced)) kube.warn('deleting cluster-scoped resources, not scoped to the provided namespace');
		const ignore = flags.bool('ignore-not-found') || all;
		const deleted: { readonly info: Info; readonly uid: string | undefined }[] = [];
		let found = 0;
		for (const info of wanted) {
			try {
				const uid =
					dryRun === 'client' ? undefined : await deleteObject(kube, info, { gracePeriod: grace, cascade: flags.str('cascade'), dryRun: dryRun === 'server' });
				found++;
				kube.out(line(info.mapping, info, grace, dryRun, flags.str('output') === 'name'));
				deleted.push({ info, uid });
			} catch (err) {
				if (isNotFound(err) && ignore) {
					// Named ones count even where they are not there: only a selection can find nothing.
					if (!selecting) found++;
					continue;
				}
				errors.push(info.source === undefined ? toError(err) : withSource('deleting', info.source, toError(err)));
			}
		}
		throwAll(errors);
		if (found === 0) kube.out('No resources found\n');
		if (flags.bool('wait') && dryRun === 'none') await waitAll(kube, deleted, flags);
		return 0;
	},
};

async function waitAll(kube: Kube, deleted: readonly { readonly info: Info; readonly uid: string | undefined }[], flags: Flags): Promise<void> {
	const timeout = flags.duration('timeout');
	const until = kube.now + timeout;
	for (const { info, uid } of deleted) {
		try {
			const end = await waitGone(kube, info, uid, timeout > 0 ? Math.max(0, until - kube.now) : undefined);
			if (end === 'timeout') throw new CliError(`timed out waiting for the condition on ${info.mapping.resource}/${info.name}`);
		} catch (err) {
			// Not being allowed to watch is no reason to fail a deletion that went through.
			if (err instanceof StatusError && (err.code === 403 || err.code === 405)) continue;
			throw err;
		}
	}
}

async function confirmed(kube: Kube, wanted: readonly Info[]): Promise<boolean> {
	if (wanted.length === 0) {
		kube.out('No resources found\n');
		return false;
	}
	kube.out(
		`You are about to delete the following ${wanted.length} resource(s):\n${wanted.map((i) => `${objectName(i.mapping, i.name)}\n`).join('')}Do you want to continue? (y/N): `,
	);
	const answer = await readLine(kube);
	if (answer.trim().toLowerCase() === 'y') return true;
	kube.out('deletion is cancelled\n');
	return false;
}

function readLine(kube: Kube): Promise<string> {
	const { io } = kube.context;
	const take = io.takeKeyboard;
	if (!io.stdinIsTerminal || take === undefined) return Promise.resolve(io.stdin.split('\n')[0] ?? '');
	return new Promise((resolve) => {
		let typedText = '';
		const release = take((keys) => {
			for (const c of keys) {
				if (c === '\r' || c === '\n' || c === '\x03') {
					release();
					kube.out('\n');
					resolve(c === '\x03' ? '' : typedText);
					return;
				}
				typedText = c === '\x7f' ? typedText.slice(0, -1) : typedText + c;
				kube.out(c === '\x7f' ? '\b \b' : c);
			}
		});
	});
}
