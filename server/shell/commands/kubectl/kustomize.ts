/** `-k` and `kubectl kustomize`: resources, namespace, name prefix and suffix, labels, annotations, images, replicas, patches, generators. */
import { parseYaml } from './yaml-in.ts';
import type { Obj } from './client.ts';
import { CliError } from './errors.ts';
import type { Kube } from './kube.ts';
import { applyJsonPatch, applyMergePatch, applyStrategic } from './local.ts';
import { parseManifest } from './parse-manifest.ts';
import { podSpecOf } from './pod-spec.ts';
import { isBuiltIn } from './strategic.ts';
import type { Subcommand } from './subcommand.ts';
import { toYaml } from './yaml-out.ts';

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** Kinds that live in no namespace, as far as a build without a server can know. */
const CLUSTER_SCOPED =
	/^(Namespace|Node|PersistentVolume|StorageClass|ClusterRole|ClusterRoleBinding|CustomResourceDefinition|PriorityClass|IngressClass|ValidatingAdmissionPolicy|ValidatingAdmissionPolicyBinding)$/;
const UNSUPPORTED = ['configMapGenerator', 'secretGenerator', 'components', 'replacements', 'vars', 'helmCharts', 'generators', 'transformers'];

const join = (folder: string, path: string): string => (path.startsWith('/') ? path : `${folder.replace(/\/+$/, '')}/${path.replace(/^\.\//, '')}`);

async function load(kube: Kube, folder: string): Promise<Obj> {
	for (const name of NAMES) {
		const path = join(folder, name);
		if ((await kube.context.files.stat(path)) !== undefined) return (parseYaml(await kube.context.files.read(path)) ?? {}) as Obj;
	}
	throw new CliError(`unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${folder}'`);
}

async function resourcesOf(kube: Kube, folder: string, spec: Obj): Promise<Obj[]> {
	const out: Obj[] = [];
	for (const path of (spec['resources'] ?? []) as string[]) {
		const full = join(folder, path);
		const stat = await kube.context.files.stat(full);
		if (stat === undefined)
			throw new CliError(`accumulating resources: accumulation err='accumulating resources from '${path}': open ${full}: no such file or directory'`);
		if (stat.kind === 'directory') {
			out.push(...(await build(kube, full)));
			continue;
		}
		const errors: Error[] = [];
		out.push(...parseManifest(await kube.context.files.read(full), full, errors).map((s) => s.object));
		if (errors[0] !== undefined) throw errors[0];
	}
	return out;
}

function labelled(o: Obj, labels: Record<string, string>, selectors: boolean): Obj {
	const next: Obj = { ...o, metadata: { ...o.metadata, labels: { ...o.metadata?.labels, ...labels } } };
	if (!selectors) return next;
	if (o.kind === 'Service' && o['spec']?.selector) next['spec'] = { ...o['spec'], selector: { ...o['spec'].selector, ...labels } };
	else if (o['spec']?.template) {
		const template = { ...o['spec'].template, metadata: { ...o['spec'].template.metadata, labels: { ...o['spec'].template.metadata?.labels, ...labels } } };
		const selector = o['spec'].selector?.matchLabels
			? { selector: { ...o['spec'].selector, matchLabels: { ...o['spec'].selector.matchLabels, ...labels } } }
			: {};
		next['spec'] = { ...o['spec'], ...selector, template };
	}
	return next;
}

function withImages(o: Obj, images: readonly Obj[]): Obj {
	const spec = podSpecOf(o);
	if (spec === undefined) return o;
	const rename = (image: string): string => {
		const match = /^(.+?)(?::([^:/@]+))?(?:@(.+))?$/.exec(image);
		const found = images.find((i) => i['name'] === match?.[1]);
		if (found === undefined || match === null) return image;
		const name = found['newName'] ?? match[1];
		if (found['digest']) return `${name}@${found['digest']}`;
		const tag = found['newTag'] ?? match[2];
		return tag === undefined ? name : `${name}:${tag}`;
	};
	const copy = structuredClone(o);
	const target = podSpecOf(copy) ?? {};
	for (const list of ['containers', 'initContainers']) for (const c of (target[list] ?? []) as Obj[]) c['image'] = rename(String(c['image']));
	return copy;
}

async function patched(kube: Kube, folder: string, objects: Obj[], entry: Obj): Promise<Obj[]> {
	const source = entry['patch'] ?? (entry['path'] ? await kube.context.files.read(join(folder, entry['path'])) : '');
	const body = parseYaml(String(source));
	const target = (entry['target'] ?? {}) as Obj;
	const own = Array.isArray(body) ? undefined : (body as Obj);
	const hits = (o: Obj): boolean => {
		const kind = target.kind ?? (entry['target'] ? undefined : own?.kind);
		const name = target['name'] ?? (entry['target'] ? undefined : own?.metadata?.name);
		return (
			(kind === undefined || new RegExp(`^(${kind})$`).test(String(o.kind))) && (name === undefined || new RegExp(`^(${name})$`).test(o.metadata?.name ?? ''))
		);
	};
	if (!objects.some(hits))
		throw new CliError(
			`no resource matches strategic merge patch "${own?.kind ?? target.kind ?? ''}.${own?.apiVersion ?? ''}/${own?.metadata?.name ?? target['name'] ?? ''}.[noNs]": no matches for Id`,
		);
	return objects.map((o) => {
		if (!hits(o)) return o;
		if (Array.isArray(body)) return applyJsonPatch(o, body) as Obj;
		const group = String(o.apiVersion).includes('/') ? (String(o.apiVersion).split('/')[0] ?? '') : '';
		const merged = (isBuiltIn(group) ? applyStrategic(o, body, String(o.kind)) : applyMergePatch(o, body)) as Obj;
		return { ...merged, metadata: { ...merged.metadata, ...(o.metadata?.name === undefined ? {} : { name: o.metadata.name }) } };
	});
}

/** Builds the kustomization in `directory`. Rejects with a `CliError`. */
export async function build(kube: Kube, directory: string): Promise<Obj[]> {
	const spec = await load(kube, directory);
	const missing = UNSUPPORTED.filter((f) => spec[f] !== undefined);
	if (missing.length > 0) throw new CliError(`the workstation's kustomize does not know ${missing.join(', ')} yet`);
	let objects = await resourcesOf(kube, directory, spec);
	const paths = ((spec['patchesStrategicMerge'] ?? []) as string[]).map((path) => ({ path }));
	for (const entry of [...paths, ...((spec['patches'] ?? []) as Obj[])]) objects = await patched(kube, directory, objects, entry);
	const namespace = spec['namespace'] as string | undefined;
	const [prefix, suffix] = [String(spec['namePrefix'] ?? ''), String(spec['nameSuffix'] ?? '')];
	return objects.map((o) => {
		let next = o;
		if (namespace !== undefined && !CLUSTER_SCOPED.test(String(o.kind))) next = { ...next, metadata: { ...next.metadata, namespace } };
		if ((prefix !== '' || suffix !== '') && o.kind !== 'Namespace')
			next = { ...next, metadata: { ...next.metadata, name: `${prefix}${o.metadata?.name ?? ''}${suffix}` } };
		if (spec['commonLabels']) next = labelled(next, spec['commonLabels'], true);
		for (const l of (spec['labels'] ?? []) as Obj[]) next = labelled(next, l['pairs'] ?? {}, l['includeSelectors'] === true);
		if (spec['commonAnnotations'])
			next = { ...next, metadata: { ...next.metadata, annotations: { ...next.metadata?.annotations, ...spec['commonAnnotations'] } } };
		if (spec['images']) next = withImages(next, spec['images']);
		const replicas = ((spec['replicas'] ?? []) as Obj[]).find((r) => r['name'] === o.metadata?.name);
		if (replicas !== undefined) next = { ...next, spec: { ...next['spec'], replicas: replicas['count'] } };
		return next;
	});
}

export const kustomize: Subcommand = {
	name: 'kustomize',
	flags: [],
	completes: 'files',
	async run(kube, args) {
		kube.out((await build(kube, args[0] ?? '.')).map((o) => toYaml(o)).join('---\n'));
		return 0;
	},
};
