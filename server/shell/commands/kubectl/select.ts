/** From arguments and files to objects: `type name`, `type/name`, `type1,type2 -l …`, `-f …` (cli-runtime's resource.Builder). */
import type { Obj } from './client.ts';
import { apiVersionOf, type Mapping, resourcePath } from './discovery.ts';
import { CliError, isNotFound, StatusError, toError } from './errors.ts';
import type { Flags } from './flags.ts';
import type { Kube } from './kube.ts';
import { hasFiles, readManifests } from './manifests.ts';

/** One object a command acts on. `object` is the file's, or the server's where it was fetched. */
export interface Info {
	readonly mapping: Mapping;
	readonly namespace: string;
	readonly name: string;
	readonly object?: Obj;
	readonly source?: string;
}

/** What the arguments ask for, before the server is asked: a whole collection, or names in it. */
export interface Target {
	readonly mapping: Mapping;
	readonly names?: readonly string[];
}

const SLASH_MIX =
	"there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

async function types(kube: Kube, word: string): Promise<readonly Mapping[]> {
	const out: Mapping[] = [];
	for (const part of word.split(',')) {
		if (part === '') continue;
		const category = await kube.mapper.byCategory(part);
		if (category !== undefined) out.push(...category);
		else out.push(await kube.mapper.byWord(part));
	}
	return out;
}

/** Reads `args` as kubectl does. `word` stands for a missing type (`kubectl logs web` means a pod). */
export async function targets(kube: Kube, args: readonly string[], word?: string): Promise<readonly Target[]> {
	if (args.some((a) => a.includes('/'))) {
		const out: Target[] = [];
		for (const arg of args) {
			const parts = arg.split('/');
			if (parts.length === 1) {
				if (word === undefined) throw new CliError(SLASH_MIX);
				out.push({ mapping: await kube.mapper.byWord(word), names: [arg] });
				continue;
			}
			if (parts.length > 2) throw new CliError('arguments in resource/name form may not have more than one slash');
			const [type = '', name = ''] = parts;
			if (type === '' || name === '') throw new CliError('arguments in resource/name form must have a single resource and name');
			const mapping = (await types(kube, type))[0] as Mapping;
			const last = out.at(-1);
			if (last !== undefined && last.mapping === mapping) out[out.length - 1] = { mapping, names: [...(last.names ?? []), name] };
			else out.push({ mapping, names: [name] });
		}
		return out;
	}
	if (word !== undefined) return args.length === 0 ? [] : [{ mapping: await kube.mapper.byWord(word), names: args }];
	const [first, ...names] = args;
	if (first === undefined) return [];
	const mappings = await types(kube, first);
	return mappings.map((mapping) => (names.length > 0 ? { mapping, names } : { mapping }));
}

/** The server serves no such kind. */
export class NoMatch extends CliError {}

export const noMatch = (object: Obj, source: string | undefined): CliError =>
	new NoMatch(
		`resource mapping not found for name: "${object.metadata?.name ?? ''}" namespace: "${object.metadata?.namespace ?? ''}" from "${source ?? ''}": no matches for kind "${object.kind}" in version "${object.apiVersion}"\nensure CRDs are installed first`,
	);

/** Objects of -f with their resources and namespaces; faults of single ones go to `errors`. */
export async function fileInfos(kube: Kube, flags: Flags, errors: Error[]): Promise<Info[]> {
	const out: Info[] = [];
	for (const { object, source } of await readManifests(kube, flags, errors)) {
		try {
			out.push(await infoOf(kube, object, source));
		} catch (err) {
			errors.push(toError(err));
		}
	}
	return out;
}

export async function infoOf(kube: Kube, object: Obj, source?: string): Promise<Info> {
	const mapping = await kube.mapper.byKind(String(object.apiVersion), String(object.kind));
	if (mapping === undefined) throw noMatch(object, source);
	const own = object.metadata?.namespace ?? '';
	if (!mapping.namespaced) {
		return { mapping, namespace: '', name: object.metadata?.name ?? '', object, ...(source === undefined ? {} : { source }) };
	}
	if (kube.namespaceForced && own !== '' && own !== kube.namespace) {
		throw new CliError(
			`the namespace from the provided object "${own}" does not match the namespace "${kube.namespace}". You must pass '--namespace=${own}' to perform this operation.`,
		);
	}
	const namespace = own || kube.namespace;
	const placed = own === '' ? { ...object, metadata: { ...object.metadata, namespace } } : object;
	return { mapping, namespace, name: object.metadata?.name ?? '', object: placed, ...(source === undefined ? {} : { source }) };
}

export interface SelectOptions {
	readonly selector?: string;
	readonly fieldSelector?: string;
	readonly all?: boolean;
	readonly allNamespaces?: boolean;
	readonly ignoreNotFound?: boolean;
	/** Stands for a missing type. */
	readonly word?: string;
	/** `all` counts only where no name is given; elsewhere the two exclude one another. */
	readonly namesOverAll?: boolean;
	/** Names need not exist: they are not fetched. */
	readonly local?: boolean;
}

/** `{apiVersion, kind}` where a list's items leave them out. */
export const typed = (mapping: Mapping, object: Obj): Obj =>
	object.kind === undefined ? { apiVersion: apiVersionOf(mapping), kind: mapping.kind, ...object } : object;

/** A refused list says what was asked for (cli-runtime's Selector.Visit). */
export function listRefused(mapping: Mapping, selectors: { readonly label: string; readonly field: string }, err: unknown): unknown {
	if (!(err instanceof StatusError) || !['BadRequest', 'NotFound'].includes(err.reason)) return err;
	const resource = `"${mapping.group}/${mapping.version}, Resource=${mapping.resource}"`;
	const what =
		selectors.label === '' && selectors.field === ''
			? `Unable to list ${resource}`
			: `Unable to find ${resource} that match label selector "${selectors.label}", field selector "${selectors.field}"`;
	return new StatusError({ ...err.status, message: `${what}: ${err.message}` });
}

async function listInfos(kube: Kube, mapping: Mapping, options: SelectOptions): Promise<Info[]> {
	const namespace = options.allNamespaces ? '' : kube.namespace;
	const selectors = { label: options.selector ?? '', field: options.fieldSelector ?? '' };
	const answer = await kube.client
		.json(resourcePath(mapping, namespace), { query: { labelSelector: selectors.label || undefined, fieldSelector: selectors.field || undefined, limit: 500 } })
		.catch((err: unknown) => Promise.reject(listRefused(mapping, selectors, err)));
	return ((answer['items'] ?? []) as Obj[]).map((item) => ({
		mapping,
		namespace: item.metadata?.namespace ?? '',
		name: item.metadata?.name ?? '',
		object: typed(mapping, item),
	}));
}

/**
 * Everything that files and arguments name, fetched from the server. A fault with one does not keep the others back:
 * it is put into `errors`. Throws where the arguments themselves are wrong.
 */
export async function infos(kube: Kube, args: readonly string[], flags: Flags, options: SelectOptions, errors: Error[]): Promise<Info[]> {
	const selecting = (options.selector ?? '') !== '' || (options.fieldSelector ?? '') !== '' || options.all === true;
	if (hasFiles(flags)) {
		if (args.length > 0 || (options.selector ?? '') !== '') {
			throw new CliError(
				args.length > 0
					? 'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well'
					: 'when paths, URLs, or stdin is provided as input, you may not specify a selector',
			);
		}
		const fromFiles = await fileInfos(kube, flags, errors);
		if (options.local) return fromFiles;
		return fetchAll(kube, fromFiles, options, errors);
	}
	const wanted = await targets(kube, args, options.word);
	if (wanted.length === 0)
		throw new CliError(
			"You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
		);
	const out: Info[] = [];
	for (const target of wanted) {
		if (target.names !== undefined) {
			if (options.namesOverAll ? (options.selector ?? '') !== '' : selecting) throw new CliError('name cannot be provided when a selector is specified');
			if (options.allNamespaces) throw new CliError('a resource cannot be retrieved by name across all namespaces');
			const named = target.names.map((name) => ({ mapping: target.mapping, namespace: target.mapping.namespaced ? kube.namespace : '', name }));
			if (options.local) out.push(...named);
			else out.push(...(await fetchAll(kube, named, options, errors)));
		} else {
			if (!selecting) throw new CliError('resource(s) were provided, but no name was specified');
			try {
				out.push(...(await listInfos(kube, target.mapping, options)));
			} catch (err) {
				errors.push(toError(err));
			}
		}
	}
	return out;
}

async function fetchAll(kube: Kube, wanted: readonly Info[], options: SelectOptions, errors: Error[]): Promise<Info[]> {
	const out: Info[] = [];
	for (const info of wanted) {
		try {
			out.push({ ...info, object: typed(info.mapping, await getObject(kube, info)) });
		} catch (err) {
			if (options.ignoreNotFound && isNotFound(err)) continue;
			errors.push(toError(err));
		}
	}
	return out;
}

export const getObject = (kube: Kube, info: Pick<Info, 'mapping' | 'namespace' | 'name'>): Promise<Obj> =>
	kube.client.json(resourcePath(info.mapping, info.namespace, info.name));

/** Objects of -f without asking a server what their kinds are. */
export async function localInfos(kube: Kube, flags: Flags): Promise<Info[]> {
	const errors: Error[] = [];
	const found = await readManifests(kube, flags, errors);
	if (errors[0] !== undefined) throw errors[0];
	return found.map(({ object, source }) => {
		const parts = String(object.apiVersion).split('/');
		const [group = '', version = ''] = parts.length === 2 ? parts : ['', parts[0]];
		const kind = String(object.kind);
		const mapping: Mapping = {
			group,
			version,
			kind,
			// As --local names it: no server has told a plural.
			resource: kind.toLowerCase(),
			singular: kind.toLowerCase(),
			namespaced: true,
			shortNames: [],
			categories: [],
			verbs: [],
			subresources: [],
		};
		return { mapping, namespace: object.metadata?.namespace ?? kube.namespace, name: object.metadata?.name ?? '', object, source };
	});
}
