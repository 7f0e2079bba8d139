/** `kubectl label` and `kubectl annotate`. Upstream: pkg/cmd/label, pkg/cmd/annotate. */
import { DRY_RUN, dryRunOf, fieldManager, patchObject } from './changes.ts';
import type { Meta, Obj } from './client.ts';
import { CliError, throwAll, toError } from './errors.ts';
import { bool, type Flags, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { PRINT_FLAGS, resultPrinter } from './printers.ts';
import { type Info, infos, localInfos } from './select.ts';
import type { Subcommand } from './subcommand.ts';

type Field = 'labels' | 'annotations';

interface Changes {
	readonly resources: readonly string[];
	readonly set: { readonly [key: string]: string };
	readonly remove: readonly string[];
}

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** Splits arguments into resources and `key=value` / `key-` changes. */
function read(field: Field, args: readonly string[]): Changes {
	const isChange = (a: string): boolean => a.indexOf('=') > 0 || (a.endsWith('-') && a.length > 1);
	const at = args.findIndex(isChange);
	const resources = at < 0 ? args : args.slice(0, at);
	const set: Record<string, string> = {};
	const remove: string[] = [];
	for (const spec of at < 0 ? [] : args.slice(at)) {
		const eq = spec.indexOf('=');
		if (eq > 0) {
			const value = spec.slice(eq + 1);
			if (field === 'labels' && value.includes('=')) throw new CliError(`invalid label spec: ${spec}`);
			if (field === 'labels' && (!LABEL_VALUE.test(value) || value.length > 63)) {
				throw new CliError(
					`invalid label value: "${spec}": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
				);
			}
			set[spec.slice(0, eq)] = value;
		} else if (spec.endsWith('-')) remove.push(spec.slice(0, -1));
		else throw new CliError(field === 'labels' ? `unknown label spec: ${spec}` : `unexpected annotation spec: ${spec}`);
	}
	const both = remove.filter((k) => set[k] !== undefined);
	if (both.length > 0) {
		throw new CliError(
			field === 'labels'
				? 'can not both modify and remove a label in the same command'
				: `can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`,
		);
	}
	return { resources, set, remove };
}

/** May always be overwritten: each revision has its own (kubectl's validateNoAnnotationOverwrites). */
const CHANGE_CAUSE = 'kubernetes.io/change-cause';

function overwritten(field: Field, changes: Changes, old: { readonly [k: string]: string }): void {
	const taken = Object.keys(changes.set).filter((k) => old[k] !== undefined && (field === 'annotations' ? k !== CHANGE_CAUSE : old[k] !== changes.set[k]));
	if (taken.length === 0) return;
	const texts = taken.map((k) => `'${k}' already has a value (${old[k]})`);
	if (field === 'annotations') throw new CliError(`--overwrite is false but found the following declared annotation(s): ${texts.join('; ')}`);
	throw new CliError(texts.map((t) => `${t}, and --overwrite is false`).join(', '));
}

function verbOf(field: Field, added: number, removed: number): string {
	if (field === 'annotations') return 'annotated';
	if (added > 0 && removed > 0) return 'modified';
	return added > 0 ? 'labeled' : removed > 0 ? 'unlabeled' : 'not labeled';
}

function changed(object: Obj, field: Field, changes: Changes): Obj {
	const next: Record<string, string> = { ...object.metadata?.[field], ...changes.set };
	for (const k of changes.remove) delete next[k];
	const { [field]: _old, ...rest } = (object.metadata ?? {}) as Meta;
	return { ...object, metadata: Object.keys(next).length > 0 ? { ...rest, [field]: next } : rest };
}

async function change(kube: Kube, flags: Flags, field: Field, info: Info, changes: Changes): Promise<{ readonly object: Obj; readonly verb: string }> {
	const object = info.object ?? {};
	const old = object.metadata?.[field] ?? {};
	if (!flags.bool('overwrite')) overwritten(field, changes, old);
	const added = Object.entries(changes.set).filter(([k, v]) => old[k] !== v);
	const removed = changes.remove.filter((k) => old[k] !== undefined);
	const local = flags.bool('local') || dryRunOf(kube, flags) === 'client' || flags.bool('list');
	if (field === 'labels' && !local) for (const k of changes.remove) if (old[k] === undefined) kube.out(`label "${k}" not found.\n`);
	const verb = verbOf(field, added.length, removed.length);
	if (local) return { object: changed(object, field, changes), verb };
	if (added.length === 0 && removed.length === 0) return { object, verb };
	const patch: Record<string, string | null> = Object.fromEntries([...added, ...removed.map((k) => [k, null] as const)]);
	const metadata = { [field]: patch, ...(flags.str('resource-version') === '' ? {} : { resourceVersion: flags.str('resource-version') }) };
	const made = await patchObject(
		kube,
		info.mapping,
		info.namespace,
		info.name,
		'merge-patch+json',
		{ metadata },
		{ dryRun: dryRunOf(kube, flags), manager: flags.str('field-manager') },
	);
	return { object: made, verb };
}

function list(kube: Kube, field: Field, all: readonly Info[]): void {
	for (const info of all) {
		const one = all.length === 1;
		if (!one) kube.out(`Listing ${field} for ${info.mapping.kind}.${info.mapping.group}/${info.name}:\n`);
		for (const [k, v] of Object.entries(info.object?.metadata?.[field] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) kube.out(`${one ? '' : ' '}${k}=${v}\n`);
	}
}

function command(field: Field): Subcommand {
	const [name, word] = field === 'labels' ? ['label', 'label'] : ['annotate', 'annotation'];
	return {
		name,
		flags: [
			bool('all'),
			bool('all-namespaces', { short: 'A' }),
			DRY_RUN,
			fieldManager(`kubectl-${name}`),
			text('field-selector'),
			bool('list'),
			bool('local'),
			bool('overwrite'),
			text('resource-version'),
			text('selector', { short: 'l' }),
			...FILE_FLAGS,
			...PRINT_FLAGS,
		],
		completes: 'resources',
		async run(kube, args, flags) {
			const changes = read(field, args);
			if (flags.bool('all') && flags.str('selector') !== '') throw new CliError('cannot set --all and --selector at the same time');
			if (changes.resources.length === 0 && !hasFiles(flags))
				throw new CliError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
			if (Object.keys(changes.set).length + changes.remove.length === 0 && !flags.bool('list')) throw new CliError(`at least one ${word} update is required`);
			const errors: Error[] = [];
			const options = {
				selector: flags.str('selector'),
				fieldSelector: flags.str('field-selector'),
				all: flags.bool('all'),
				namesOverAll: true,
				allNamespaces: flags.bool('all-namespaces'),
			};
			const wanted = flags.bool('local') ? await localInfos(kube, flags) : await infos(kube, changes.resources, flags, options, errors);
			if (flags.bool('list') && Object.keys(changes.set).length + changes.remove.length === 0) {
				list(kube, field, wanted);
				throwAll(errors);
				return 0;
			}
			const print = await resultPrinter(kube, flags);
			const dryRun = dryRunOf(kube, flags);
			for (const info of wanted) {
				try {
					const { object, verb } = await change(kube, flags, field, info, changes);
					print(info.mapping, object, dryRun === 'none' ? verb : `${verb} (${dryRun === 'server' ? 'server ' : ''}dry run)`);
				} catch (err) {
					errors.push(toError(err));
				}
			}
			throwAll(errors);
			return 0;
		},
	};
}

export const label = command('labels');
export const annotate = command('annotations');
