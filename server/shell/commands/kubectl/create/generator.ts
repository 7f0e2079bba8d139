/** What the `create <kind>` commands share: build an object from flags, then print or send it. */
import { createObject, DRY_RUN, dryRunOf, fieldManager, SAVE_CONFIG, VALIDATE, validation, withBuiltConfig, withDryRun } from '../changes.ts';
import type { Obj } from '../client.ts';
import { CliError, StatusError, usageError } from '../errors.ts';
import type { Flags, FlagSpec } from '../flags.ts';
import type { Kube } from '../kube.ts';
import { contentHash } from '../kustomize/generate.ts';
import { PRINT_FLAGS, resultPrinter } from '../printers.ts';
import type { Subcommand } from '../subcommand.ts';

export interface Generator {
	readonly name: string;
	readonly aliases?: readonly string[];
	readonly flags: readonly FlagSpec[];
	readonly required?: readonly string[];
	readonly namespaced: boolean;
	/** Put before the server's message where upstream wraps it: `failed to create deployment: …`. */
	readonly failure?: string;
	/** The object, its fields in the order of the Go struct (for -o json); without a namespace. */
	build(kube: Kube, args: readonly string[], flags: Flags): Promise<Obj> | Obj;
}

/** The one NAME argument. */
export function oneName(kube: Kube, args: readonly string[]): string {
	const dash = kube.flags.dashAt;
	const before = dash >= 0 ? args.slice(0, dash) : args;
	if (before.length !== 1 || before[0] === undefined) throw usageError(kube.path, `exactly one NAME is required, got ${before.length}`);
	return before[0];
}

/** Words after `--`, or after the name where there is no `--`. */
export function commandWords(kube: Kube, args: readonly string[]): readonly string[] {
	return kube.flags.dashAt >= 0 ? args.slice(kube.flags.dashAt) : args.slice(1);
}

/** Sends or prints a built object as `create` does. */
export async function finish(
	kube: Kube,
	flags: Flags,
	built: Obj,
	options: { readonly namespaced: boolean; readonly failure?: string; readonly verb?: string },
): Promise<Obj> {
	const dryRun = dryRunOf(kube, flags);
	const checked = validation(flags);
	const namespace = options.namespaced ? kube.namespace : '';
	const { name, ...rest } = built.metadata ?? {};
	const placed: Obj =
		options.namespaced && (kube.namespaceForced || dryRun !== 'client')
			? { ...built, metadata: { name, namespace, ...rest } as NonNullable<Obj['metadata']> }
			: built;
	const object = flags.bool('save-config') ? withBuiltConfig(placed) : placed;
	const print = await resultPrinter(kube, flags, { keepOrder: true });
	const [group = '', version] = String(object.apiVersion).includes('/') ? String(object.apiVersion).split('/') : ['', String(object.apiVersion)];
	const verb = withDryRun(options.verb ?? 'created', dryRun);
	if (dryRun === 'client') {
		print({ group, kind: String(object.kind) }, object, verb);
		return object;
	}
	const mapping = await kube.mapper.byKind(group === '' ? String(version) : `${group}/${version}`, String(object.kind));
	if (mapping === undefined) throw new CliError(`no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
	try {
		const made = await createObject(kube, mapping, namespace, object, { dryRun, manager: flags.str('field-manager') || 'kubectl-create', validation: checked });
		print(mapping, made, verb);
		return made;
	} catch (err) {
		if (options.failure !== undefined && err instanceof StatusError) throw new CliError(`${options.failure} ${err.message}`);
		throw err;
	}
}

function hashed(object: Obj): Obj {
	const name = object.metadata?.name ?? '';
	return { ...object, metadata: { ...object.metadata, name: `${name}-${contentHash(object, name)}` } };
}

export function generatorCommand(g: Generator): Subcommand {
	return {
		name: g.name,
		...(g.aliases === undefined ? {} : { aliases: g.aliases }),
		flags: [...g.flags, DRY_RUN, fieldManager('kubectl-create'), SAVE_CONFIG, VALIDATE, ...PRINT_FLAGS],
		...(g.required === undefined ? {} : { required: g.required }),
		async run(kube, args, flags) {
			const made = await g.build(kube, args, flags);
			const built = flags.knows('append-hash') && flags.bool('append-hash') ? hashed(made) : made;
			await finish(kube, flags, built, { namespaced: g.namespaced, ...(g.failure === undefined ? {} : { failure: g.failure }) });
			return 0;
		},
	};
}

/** UTF-8 text as base64. */
export const base64 = (textValue: string): string => {
	let binary = '';
	for (const byte of new TextEncoder().encode(textValue)) binary += String.fromCharCode(byte);
	return btoa(binary);
};

/** `a=b,c=d` as a map; faults worded by the caller. */
export function labelPairs(spec: string): Record<string, string> {
	const out: Record<string, string> = {};
	for (const part of spec.split(',').filter((p) => p !== '')) {
		const eq = part.indexOf('=');
		if (eq < 0) throw new CliError(`unexpected label spec: ${part}`);
		if (eq === 0) throw new CliError('unexpected empty label key');
		out[part.slice(0, eq)] = part.slice(eq + 1);
	}
	return out;
}

/** A whole number stays one, anything else is text (intstr.Parse). */
export const intOrString = (value: string): number | string => (/^-?\d+$/.test(value) ? Number(value) : value);
