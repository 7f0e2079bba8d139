/** `kubectl diff`: live objects against what a server-side dry run of apply would make of them, as `diff -u` shows it. */
import { createObject, LAST_APPLIED, patchObject } from './changes.ts';
import type { Obj } from './client.ts';
import { AggregateError_, CliError, errorText, isNotFound, StatusError, toError } from './errors.ts';
import { bool, type Flags, int, list, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { withoutManagedFields } from './printers.ts';
import { fileInfos, getObject, type Info } from './select.ts';
import { isBuiltIn, threeWayMergePatch, threeWayPatch } from './strategic.ts';
import type { Subcommand } from './subcommand.ts';
import { toYaml } from './yaml-out.ts';
import { unified } from '../../../unified.ts';

/** Times that a change of somebody else's is tried over (maxRetries of pkg/cmd/diff). */
const TRIES = 4;

async function mergedByServer(kube: Kube, info: Info, flags: Flags): Promise<Obj> {
	const { group, version, kind } = info.mapping;
	for (let tried = 1; ; tried++) {
		try {
			return await patchObject(kube, info.mapping, info.namespace, info.name, 'apply-patch+yaml', info.object ?? {}, {
				dryRun: 'server',
				manager: flags.changed('field-manager') ? flags.str('field-manager') : 'kubectl',
				force: flags.bool('force-conflicts'),
			});
		} catch (err) {
			if (!(err instanceof StatusError) || err.reason !== 'Conflict' || tried > TRIES) throw err;
			if (tried === TRIES)
				kube.err(
					`W1120 00:00:00.000000       1 diff.go:721] Object (${group === '' ? '' : `${group}/`}${version}, Kind=${kind}: ${info.name}) keeps changing, diffing without lock\n`,
				);
		}
	}
}

async function merged(kube: Kube, info: Info, live: Obj | undefined, flags: Flags): Promise<Obj> {
	const manager = flags.str('field-manager');
	const given = info.object ?? {};
	// Annotations that the file does not name stay: those of the live object count as wanted ones.
	const wanted = live !== undefined ? { ...given, metadata: { ...given.metadata, annotations: { ...given.metadata?.annotations } } } : given;
	if (flags.bool('server-side')) return mergedByServer(kube, info, flags);
	// The wanted object goes without the annotation: what was remembered stays as it is in both texts.
	if (live === undefined) return createObject(kube, info.mapping, info.namespace, wanted, { dryRun: 'server', manager });
	const remembered = live.metadata?.annotations?.[LAST_APPLIED];
	const original: unknown = remembered === undefined ? undefined : JSON.parse(remembered);
	const strategic = isBuiltIn(info.mapping.group);
	const patch = strategic ? threeWayPatch(original, wanted, live, info.mapping.kind) : threeWayMergePatch(original, wanted, live);
	return patchObject(kube, info.mapping, info.namespace, info.name, strategic ? 'strategic-merge-patch+json' : 'merge-patch+json', patch, {
		dryRun: 'server',
		manager,
	});
}

/** Values of a Secret are shown as masks that tell apart only whether they changed. */
function masked(before: Obj | undefined, after: Obj | undefined): readonly [Obj | undefined, Obj | undefined] {
	if ((before ?? after)?.kind !== 'Secret') return [before, after];
	const keys = new Set([...Object.keys(before?.['data'] ?? {}), ...Object.keys(after?.['data'] ?? {})]);
	const put = (o: Obj | undefined, suffix: (k: string) => string): Obj | undefined =>
		o?.['data'] === undefined ? o : { ...o, data: Object.fromEntries([...keys].filter((k) => o['data'][k] !== undefined).map((k) => [k, suffix(k)])) };
	const differs = (k: string): boolean => before?.['data']?.[k] !== undefined && after?.['data']?.[k] !== undefined && before['data'][k] !== after['data'][k];
	return [put(before, (k) => (differs(k) ? '*** (before)' : '***')), put(after, (k) => (differs(k) ? '*** (after)' : '***'))];
}

function fileName(info: Info): string {
	const { group, version, kind } = info.mapping;
	return [...(group === '' ? [] : [group]), version, kind, info.namespace, info.name].join('.');
}

/** 1 says that something differs, so that a failure has to be above it. */
const FAILED = 2;

export const diff: Subcommand = {
	name: 'diff',
	flags: [
		int('concurrency', 1),
		text('field-manager', { def: 'kubectl-client-side-apply' }),
		bool('force-conflicts'),
		bool('prune'),
		list('prune-allowlist'),
		text('selector', { short: 'l' }),
		bool('server-side'),
		bool('show-managed-fields'),
		...FILE_FLAGS,
	],
	async run(kube, _args, flags) {
		if (!hasFiles(flags)) throw new CliError('must specify one of -f and -k', { exitCode: FAILED });
		const errors: Error[] = [];
		let differs = false;
		const stamp = kube.now;
		const infos = await fileInfos(kube, flags, errors).catch((err: unknown) => {
			throw new CliError(errorText(toError(err)), { raw: true, exitCode: FAILED });
		});
		for (const info of infos) {
			try {
				const live = await getObject(kube, info).catch((err: unknown) => (isNotFound(err) ? undefined : Promise.reject(toError(err))));
				const after = await merged(kube, info, live, flags);
				const [from, to] = masked(live, after);
				const shown = (o: Obj | undefined): string => (o === undefined ? '' : toYaml(flags.bool('show-managed-fields') ? o : withoutManagedFields(o)));
				const hunks = unified(shown(from), shown(to));
				if (hunks === '') continue;
				differs = true;
				const name = fileName(info);
				const [left, right] = [`/tmp/LIVE-${stamp}/${name}`, `/tmp/MERGED-${stamp}/${name}`];
				const at = new Date(kube.now).toISOString().replace('T', ' ').replace('Z', '000000 +0000');
				kube.out(`diff -u -N ${left} ${right}\n--- ${left}\t${at}\n+++ ${right}\t${at}\n${hunks}`);
			} catch (err) {
				errors.push(toError(err));
			}
		}
		if (errors.length > 0)
			throw new CliError(errorText(errors.length === 1 && errors[0] !== undefined ? errors[0] : new AggregateError_(errors)), { raw: true, exitCode: FAILED });
		return differs ? 1 : 0;
	},
};
