/** `kubectl describe`. Upstream: pkg/cmd/describe/describe.go; the layouts are under `describe/`. */
import type { Obj } from './client.ts';
import { describeObject } from './describe/describers.ts';
import { resourcePath } from './discovery.ts';
import { CliError, isNotFound, throwAll, toError } from './errors.ts';
import { bool, int, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { FILE_FLAGS, hasFiles } from './manifests.ts';
import { fileInfos, type Info, targets, typed } from './select.ts';
import type { Subcommand } from './subcommand.ts';

/** What a prefix has found is followed by an empty line. */
interface Found extends Info {
	readonly byPrefix?: true;
}

/** A name that isn't found may be the beginning of others (DescribeMatchingResources). */
async function byPrefix(kube: Kube, info: Omit<Info, 'object'>, cause: Error): Promise<Found[]> {
	const list = await kube.client.json(resourcePath(info.mapping, info.namespace));
	const found = ((list['items'] ?? []) as Obj[]).filter((o) => o.metadata?.name?.startsWith(info.name));
	if (found.length === 0) throw cause;
	return found.map((o) => ({ ...info, name: o.metadata?.name ?? '', namespace: o.metadata?.namespace ?? '', object: typed(info.mapping, o), byPrefix: true }));
}

async function one(kube: Kube, info: Omit<Info, 'object'>): Promise<Found[]> {
	try {
		return [{ ...info, object: typed(info.mapping, await kube.client.json(resourcePath(info.mapping, info.namespace, info.name))) }];
	} catch (err) {
		if (!isNotFound(err) || info.source !== undefined) throw err;
		return byPrefix(kube, info, toError(err));
	}
}

async function wanted(kube: Kube, args: readonly string[], selector: string, everywhere: boolean, errors: Error[]): Promise<Found[]> {
	const out: Found[] = [];
	for (const { mapping, names } of await targets(kube, args)) {
		const namespace = mapping.namespaced && !everywhere ? kube.namespace : '';
		try {
			if (names === undefined) {
				const list = await kube.client.json(resourcePath(mapping, namespace), { query: { labelSelector: selector || undefined, limit: 500 } });
				for (const o of (list['items'] ?? []) as Obj[])
					out.push({ mapping, namespace: o.metadata?.namespace ?? '', name: o.metadata?.name ?? '', object: typed(mapping, o) });
				continue;
			}
			if (selector !== '') throw new CliError('name cannot be provided when a selector is specified');
			if (everywhere) throw new CliError('a resource cannot be retrieved by name across all namespaces');
			for (const name of names) {
				try {
					out.push(...(await one(kube, { mapping, namespace, name })));
				} catch (err) {
					errors.push(toError(err));
				}
			}
		} catch (err) {
			errors.push(toError(err));
		}
	}
	return out;
}

export const describe: Subcommand = {
	name: 'describe',
	flags: [
		bool('all-namespaces', { short: 'A' }),
		int('chunk-size', 500),
		text('selector', { short: 'l' }),
		bool('show-events', { def: 'true' }),
		...FILE_FLAGS,
	],
	completes: 'resources',
	async run(kube, args, flags) {
		const errors: Error[] = [];
		if (args.length === 0 && !hasFiles(flags)) {
			throw new CliError('You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.');
		}
		const everywhere = flags.bool('all-namespaces');
		let infos: Found[] = [];
		if (hasFiles(flags)) {
			for (const info of await fileInfos(kube, flags, errors)) infos.push(...(await one(kube, info)));
		} else infos = await wanted(kube, args, flags.str('selector'), everywhere, errors);
		let first = true;
		for (const info of infos) {
			try {
				const output = await describeObject(kube, info.mapping, info.object ?? {}, flags.bool('show-events'));
				if (info.byPrefix) kube.out(`${output}\n`);
				else kube.out(first ? output : `\n\n${output}`);
				first = false;
			} catch (err) {
				errors.push(toError(err));
			}
		}
		if (infos.length === 0 && errors.length === 0) {
			kube.err(everywhere ? 'No resources found\n' : `No resources found in ${kube.namespace} namespace.\n`);
		}
		throwAll(errors);
		return 0;
	},
};
