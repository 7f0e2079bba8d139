/** `kubectl apply`: three-way merge against the last applied configuration, or server-side apply. Upstream: pkg/cmd/apply. */
import {
	createObject,
	DRY_RUN,
	type DryRun,
	describeTarget,
	dryRunOf,
	fieldManager,
	LAST_APPLIED,
	patchObject,
	VALIDATE,
	validation,
	withAppliedConfig,
	withDryRun,
} from './changes.ts';
import type { Obj } from './client.ts';
import { deleteAndWait } from './delete.ts';
import { CliError, isNotFound, StatusError, throwAll, toError, withSource } from './errors.ts';
import { bool, type Flags, list, text, time } from './flags.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { objectName, PRINT_FLAGS, printerFor } from './printers.ts';
import { fileInfos, getObject, type Info } from './select.ts';
import { isBuiltIn, threeWayMergePatch, threeWayPatch } from './strategic.ts';
import type { Subcommand } from './subcommand.ts';
import { compactJson } from './yaml-out.ts';
import { migrated } from './apply-migrate.ts';
import { checkPrune, prune, pruned } from './apply-prune.ts';
import { applyLastApplied } from './apply-last-applied.ts';
import { parseJson } from './json-text.ts';

interface Applied {
	readonly info: Info;
	readonly object: Obj;
	readonly verb: string;
}

const CONFLICT_HELP = `
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

async function applyServerSide(kube: Kube, flags: Flags, info: Info, dryRun: DryRun): Promise<Applied> {
	const manager = flags.changed('field-manager') ? flags.str('field-manager') : 'kubectl';
	const { namespace, name, mapping } = info;
	try {
		const send = (): Promise<Obj> =>
			patchObject(kube, mapping, namespace, name, 'apply-patch+yaml', info.object, {
				dryRun,
				manager,
				force: flags.bool('force-conflicts'),
				validation: validation(flags),
			});
		let object = await send();
		if (await migrated(kube, info, object, { manager, dryRun })) object = await send();
		return { info, object, verb: withDryRun('serverside-applied', dryRun) };
	} catch (err) {
		if (err instanceof StatusError && err.reason === 'Conflict') throw new CliError(`${err.message}${CONFLICT_HELP}`);
		throw err;
	}
}

async function live(kube: Kube, info: Info): Promise<Obj | undefined> {
	try {
		return await getObject(kube, info);
	} catch (err) {
		if (isNotFound(err)) return undefined;
		throw withSource(
			`retrieving current configuration of:\n${describeTarget(info.mapping, info.namespace, info.name)}\nfrom server for:`,
			info.source ?? '',
			toError(err),
		);
	}
}

function lastApplied(object: Obj): unknown {
	const remembered = object.metadata?.annotations?.[LAST_APPLIED];
	if (remembered === undefined) return undefined;
	try {
		return parseJson(remembered);
	} catch {
		return undefined;
	}
}

async function patchOnce(kube: Kube, flags: Flags, info: Info, modified: Obj, current: Obj, dryRun: DryRun): Promise<Applied> {
	const { mapping, namespace, name } = info;
	const original = lastApplied(current);
	const strategic = isBuiltIn(mapping.group);
	const patch = strategic ? threeWayPatch(original, modified, current, mapping.kind) : threeWayMergePatch(original, modified, current);
	const text_ = compactJson(patch);
	// Upstream never says `unchanged` in a client-side dry run.
	if (dryRun === 'client') return { info, object: current, verb: withDryRun('configured', dryRun) };
	if (text_ === '{}') return { info, object: current, verb: withDryRun('unchanged', dryRun) };
	if (current.metadata?.deletionTimestamp !== undefined) kube.warn(`Detected changes to resource ${name} which is currently being deleted.`);

	try {
		const object = await patchObject(kube, mapping, namespace, name, strategic ? 'strategic-merge-patch+json' : 'merge-patch+json', patch, {
			dryRun,
			manager: flags.str('field-manager'),
			validation: validation(flags),
		});
		return { info, object, verb: withDryRun('configured', dryRun) };
	} catch (err) {
		throw withSource(`applying patch:\n${text_}\nto:\n${describeTarget(mapping, namespace, name)}\nfor:`, info.source ?? '', toError(err));
	}
}

/** maxPatchRetry of pkg/cmd/apply/patcher.go. */
const RETRIES = 5;

async function applyClientSide(kube: Kube, flags: Flags, info: Info, dryRun: DryRun): Promise<Applied> {
	const wanted = info.object ?? {};
	if (info.name === '' && wanted.metadata?.generateName !== undefined)
		throw new CliError(`from ${wanted.metadata.generateName}: cannot use generate name with apply`);
	if (info.name === '')
		throw withSource(
			`retrieving current configuration of:\n${describeTarget(info.mapping, info.namespace, info.name)}\nfrom server for:`,
			info.source ?? '',
			new CliError('resource name may not be empty'),
		);
	const modified = withAppliedConfig(wanted);
	let current = await live(kube, info);
	if (current === undefined) {
		if (dryRun === 'client') return { info, object: wanted, verb: 'created (dry run)' };
		try {
			const object = await createObject(kube, info.mapping, info.namespace, modified, {
				dryRun,
				manager: flags.str('field-manager'),
				validation: validation(flags),
			});
			return { info, object, verb: withDryRun('created', dryRun) };
		} catch (err) {
			throw withSource('creating', info.source ?? '', toError(err));
		}
	}
	if (current.metadata?.annotations?.[LAST_APPLIED] === undefined) {
		kube.warn(
			`resource ${info.mapping.resource}/${info.name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
		);
	}
	for (let attempt = 1; ; attempt++) {
		try {
			return await patchOnce(kube, flags, info, modified, current, dryRun);
		} catch (err) {
			const again = err instanceof StatusError && err.reason === 'Conflict' && attempt <= RETRIES;
			if (again) {
				current = (await live(kube, info)) ?? current;
				continue;
			}
			if (flags.bool('force') && err instanceof StatusError && ['Invalid', 'Conflict'].includes(err.reason))
				return recreate(kube, flags, info, modified, dryRun);
			throw err;
		}
	}
}

async function recreate(kube: Kube, flags: Flags, info: Info, modified: Obj, dryRun: DryRun): Promise<Applied> {
	await deleteAndWait(kube, info, { gracePeriod: flags.int('grace-period'), cascade: 'background' });
	const object = await createObject(kube, info.mapping, info.namespace, modified, { dryRun, manager: flags.str('field-manager') });
	return { info, object, verb: withDryRun('configured', dryRun) };
}

function check(kube: Kube, args: readonly string[], flags: Flags): void {
	if (args.length > 0) throw new CliError(`Unexpected args: [${args.join(' ')}]\nSee '${kube.path} -h' for help and examples`);
	if (!hasFiles(flags)) throw new CliError('must specify one of -f and -k');
	if (flags.bool('force-conflicts') && !flags.bool('server-side')) throw new CliError('--force-conflicts only works with --server-side');
	if (flags.str('dry-run') === 'client' && flags.bool('server-side'))
		throw new CliError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
	if (flags.bool('force') && flags.bool('server-side')) throw new CliError('--force cannot be used with --server-side');
	if (flags.str('dry-run') === 'server' && flags.bool('force')) throw new CliError('--dry-run=server cannot be used with --force');
	checkPrune(flags);
	if (flags.str('subresource') !== '' && !flags.bool('server-side')) throw new CliError('--subresource can only be specified for --server-side');
}

async function print(kube: Kube, flags: Flags, done: readonly Applied[]): Promise<void> {
	const printer = await printerFor(kube, flags);
	if (printer === undefined || done.length === 0) return;
	const [first] = done;
	const objects = done.map((d) => d.object);
	kube.out(printer(done.length === 1 && first !== undefined ? first.object : { apiVersion: 'v1', items: objects, kind: 'List', metadata: {} }));
}

export const apply: Subcommand = {
	name: 'apply',
	flags: [
		bool('all'),
		DRY_RUN,
		fieldManager('kubectl-client-side-apply'),
		bool('force'),
		bool('force-conflicts'),
		{ name: 'grace-period', kind: 'int', def: '-1' },
		bool('openapi-patch', {
			def: 'true',
		}),
		bool('overwrite', {
			def: 'true',
		}),
		bool('prune'),
		list('prune-allowlist'),
		text('selector', { short: 'l' }),
		bool('server-side'),
		text('subresource'),
		time('timeout'),
		bool('wait'),
		{ name: 'cascade', kind: 'string', def: 'background', bare: 'background' },
		VALIDATE,
		...FILE_FLAGS,
		...PRINT_FLAGS,
	],
	children: applyLastApplied,
	async run(kube, args, flags) {
		check(kube, args, flags);
		const dryRun = dryRunOf(kube, flags);
		const structured = (await printerFor(kube, flags)) !== undefined;
		validation(flags);
		const kinds = await pruned(kube, flags);
		const errors: Error[] = [];
		const wanted = await fileInfos(kube, flags, errors);
		if (wanted.length === 0 && errors.length === 0) throw new CliError('no objects passed to apply');
		const done: Applied[] = [];
		for (const info of wanted) {
			try {
				if (!selected(info.object, flags.str('selector'))) continue;
				const applied = flags.bool('server-side') ? await applyServerSide(kube, flags, info, dryRun) : await applyClientSide(kube, flags, info, dryRun);
				done.push(applied);
				if (!structured) kube.out(`${objectName(info.mapping, info.name)}${flags.str('output') === 'name' ? '' : ` ${applied.verb}`}\n`);
			} catch (err) {
				errors.push(toError(err));
			}
		}
		await print(kube, flags, done);
		if (flags.bool('prune') && errors.length === 0) {
			const uids = new Set(done.map((d) => d.object.metadata?.uid ?? ''));
			await prune(kube, flags, kinds, { uids, namespaces: [...new Set(done.flatMap((d) => d.info.namespace || []))] }, dryRun);
		}
		throwAll(errors);
		return 0;
	},
};

/** Equality selectors against a file's labels; set-based ones are the server's business. */
function selected(object: Obj | undefined, selector: string): boolean {
	if (selector === '') return true;
	return selector.split(',').every((part) => {
		const [, key = '', operator = '', value = ''] = /^\s*([^!=\s]+)\s*(==|=|!=)?\s*(.*?)\s*$/.exec(part) ?? [];
		const actual = object?.metadata?.labels?.[key];
		if (operator === '') return actual !== undefined;
		return operator === '!=' ? actual !== value : actual === value;
	});
}
