/** What all commands that change things share: --dry-run, --field-manager, --validate, and the calls themselves. */
import type { Obj } from './client.ts';
import { type Mapping, resourcePath } from './discovery.ts';
import { CliError } from './errors.ts';
import type { Flags, FlagSpec } from './flags.ts';
import { bool, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { compactJson, jsonEscape } from './yaml-out.ts';
import { jsonText } from './json-text.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export const DRY_RUN: FlagSpec = {
	name: 'dry-run',
	kind: 'string',
	def: 'none',
	bare: 'unchanged',
};

export const fieldManager = (def: string): FlagSpec => text('field-manager', { def });
export const VALIDATE: FlagSpec = {
	name: 'validate',
	kind: 'string',
	def: 'strict',
	bare: 'strict',
};
export const SAVE_CONFIG: FlagSpec = bool('save-config');

export type DryRun = 'none' | 'client' | 'server';

export function dryRunOf(kube: Kube, flags: Flags): DryRun {
	const value = flags.str('dry-run');
	switch (value) {
		case 'none':
		case 'false':
			return 'none';
		case 'client':
		case 'server':
			return value;
		case 'unchanged':
		case 'true':
			kube.err(
				`W1120 00:00:00.000000       1 helpers.go:719] --dry-run${value === 'true' ? '=true is deprecated (boolean value)' : ' is deprecated'} and can be replaced with --dry-run=client.\n`,
			);
			return 'client';
		case '':
			return 'none';
		default:
			throw new CliError(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
	}
}

/** `created` → `created (dry run)`. */
export const withDryRun = (verb: string, dryRun: DryRun): string =>
	dryRun === 'none' ? verb : dryRun === 'client' ? `${verb} (dry run)` : `${verb} (server dry run)`;

export function validation(flags: Flags): 'Strict' | 'Warn' | 'Ignore' {
	const value = flags.str('validate');
	switch (value) {
		case '':
		case 'true':
		case 'strict':
			return 'Strict';
		case 'warn':
			return 'Warn';
		case 'false':
		case 'ignore':
			return 'Ignore';
		default:
			throw new CliError(`invalid - validate option "${value}"; must be one of: strict (or true), warn, ignore (or false)`);
	}
}

export interface WriteOptions {
	readonly dryRun?: DryRun;
	readonly manager?: string;
	readonly validation?: string | undefined;
	readonly force?: boolean;
	readonly subresource?: string;
}

const query = (options: WriteOptions) => ({
	dryRun: options.dryRun === 'server' ? 'All' : undefined,
	fieldManager: options.manager || undefined,
	fieldValidation: options.validation,
	force: options.force ? true : undefined,
});

export const createObject = (kube: Kube, mapping: Mapping, namespace: string, object: Obj, options: WriteOptions): Promise<Obj> =>
	kube.client.json(resourcePath(mapping, namespace), { method: 'POST', body: object, query: query(options) });

export const replaceObject = (kube: Kube, mapping: Mapping, namespace: string, name: string, object: Obj, options: WriteOptions): Promise<Obj> =>
	kube.client.json(resourcePath(mapping, namespace, name, options.subresource), { method: 'PUT', body: object, query: query(options) });

export type PatchKind = 'strategic-merge-patch+json' | 'merge-patch+json' | 'json-patch+json' | 'apply-patch+yaml';

export const patchObject = (
	kube: Kube,
	mapping: Mapping,
	namespace: string,
	name: string,
	kind: PatchKind,
	body: unknown,
	options: WriteOptions,
): Promise<Obj> =>
	kube.client.json(resourcePath(mapping, namespace, name, options.subresource), {
		method: 'PATCH',
		contentType: `application/${kind}`,
		body: typeof body === 'string' ? body : jsonText(body),
		query: query(options),
	});

/** The object as `apply` remembers it: compact JSON without that very annotation. */
export function appliedConfig(object: Obj): string {
	const { [LAST_APPLIED]: _old, ...annotations } = object.metadata?.annotations ?? {};
	return `${compactJson({ ...object, metadata: { ...object.metadata, annotations } })}\n`;
}

/** The same for an object that kubectl built itself: fields stand in the order of the Go struct. */
export function withBuiltConfig(object: Obj): Obj {
	return {
		...object,
		metadata: { ...object.metadata, annotations: { ...object.metadata?.annotations, [LAST_APPLIED]: `${jsonEscape(jsonText(object))}\n` } },
	};
}

export function withAppliedConfig(object: Obj): Obj {
	return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata?.annotations, [LAST_APPLIED]: appliedConfig(object) } } };
}

/** info.String() of cli-runtime, used in error texts of apply. */
export function describeTarget(mapping: Mapping, namespace: string, name: string): string {
	const gv = `${mapping.group}/${mapping.version}`;
	return `Resource: "${gv}, Resource=${mapping.resource}", GroupVersionKind: "${gv}, Kind=${mapping.kind}"\nName: "${name}", Namespace: "${namespace}"`;
}
