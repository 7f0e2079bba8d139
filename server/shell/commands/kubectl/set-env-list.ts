/** `kubectl set env --list`, with what references stand for. Upstream: pkg/cmd/set/env. */
import type { Obj } from './client.ts';
import { CliError, toError } from './errors.ts';
import type { Kube } from './kube.ts';
import { podSpecOf } from './pod-spec.ts';
import type { Info } from './select.ts';

/** The pod's or the template's spec. */
export function templateOf(info: Info, o: Obj): Obj {
	const spec = podSpecOf(o);
	if (spec === undefined)
		throw new CliError(
			`${info.mapping.resource}/${info.name} the object is not a pod or does not have a pod template: *${info.mapping.version}.${info.mapping.kind}`,
		);
	return spec;
}

/** What `--resolve` reads configmaps and secrets with, each only once. */
export type Resolve = (kind: 'configmaps' | 'secrets', name: string) => Promise<Obj>;

export function resolver(kube: Kube): Resolve {
	const read = new Map<string, Promise<Obj>>();
	return (kind, name) => {
		const path = `/api/v1/namespaces/${kube.namespace}/${kind}/${name}`;
		const found = read.get(path) ?? kube.client.json(path);
		read.set(path, found);
		return found;
	};
}

/** A field's value as the downward API has it; a CliError where it cannot be told from outside. */
function fieldValue(object: Obj, path: string): string {
	const subscript = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(path);
	if (subscript !== null) return object.metadata?.[subscript[1] as 'labels']?.[subscript[2] ?? ''] ?? '';
	if (path === 'metadata.name') return object.metadata?.name ?? '';
	if (path === 'metadata.namespace') return object.metadata?.namespace ?? '';
	if (path === 'metadata.uid') return object.metadata?.uid ?? '';
	throw new CliError(`unsupported fieldPath: ${path}`);
}

async function resolved(from: Obj, object: Obj, resolve: Resolve): Promise<string> {
	const { secretKeyRef, configMapKeyRef, fieldRef } = from;
	if (secretKeyRef) {
		const value = (await resolve('secrets', secretKeyRef.name))['data']?.[secretKeyRef.key];
		if (value === undefined) throw new CliError(`key ${secretKeyRef.key} not found in secret ${secretKeyRef.name}`);
		return Buffer.from(String(value), 'base64').toString('utf8');
	}
	if (configMapKeyRef) {
		const value = (await resolve('configmaps', configMapKeyRef.name))['data']?.[configMapKeyRef.key];
		if (value === undefined) throw new CliError(`key ${configMapKeyRef.key} not found in config map ${configMapKeyRef.name}`);
		return String(value);
	}
	if (fieldRef) return fieldValue(object, String(fieldRef.fieldPath));
	throw new CliError('invalid valueFrom');
}

/** `set env --list`: the variables of an object's containers. */
export async function listEnv(kube: Kube, info: Info, names: (n: string) => boolean, resolve: Resolve | undefined): Promise<void> {
	const spec = templateOf(info, info.object ?? {});
	for (const c of [...((spec['containers'] ?? []) as Obj[]), ...((spec['initContainers'] ?? []) as Obj[])]) {
		if (!names(String(c['name']))) continue;
		const faults: string[] = [];
		kube.out(`# ${info.mapping.kind} ${info.name}, container ${c['name']}\n`);
		for (const e of (c['env'] ?? []) as Obj[]) {
			const v = e['valueFrom'];
			const source = v?.secretKeyRef
				? `secret ${v.secretKeyRef.name}, key ${v.secretKeyRef.key}`
				: v?.configMapKeyRef
					? `configmap ${v.configMapKeyRef.name}, key ${v.configMapKeyRef.key}`
					: v?.fieldRef
						? `field path ${v.fieldRef.fieldPath}`
						: 'a resource field';
			if (!v) kube.out(`${e['name']}=${e['value'] ?? ''}\n`);
			else if (resolve === undefined) kube.out(`# ${e['name']} from ${source}\n`);
			else
				try {
					kube.out(`${e['name']}=${await resolved(v, info.object ?? {}, resolve)}\n`);
				} catch (err) {
					kube.out(`# ${e['name']} from ${source}\n`);
					faults.push(`error retrieving reference for ${e['name']}: ${toError(err).message}`);
				}
		}
		for (const fault of faults.sort()) kube.err(`${fault}\n`);
	}
}
