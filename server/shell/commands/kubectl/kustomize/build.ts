/** Builds what a kustomization.yaml says: resources, generators, components, transformers, in kustomize's order (kusttarget.go). */
import type { Obj } from '../client.ts';
import { CliError, toError } from '../errors.ts';
import type { Kube } from '../kube.ts';
import { parseManifest } from '../parse-manifest.ts';
import { toYaml } from '../yaml-out.ts';
import { readYaml } from './yaml.ts';
import { contentHash, generate } from './generate.ts';
import { patchAll, patchJson6902, replaceAll } from './patch.ts';
import { fixReferences, inLegacyOrder, newResource, renamed, type Resource } from './resource.ts';
import { transform } from './transform.ts';

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** Fields whose work is done by plugins, Helm or vars, which this build does without. */
const UNSUPPORTED = ['helmCharts', 'helmChartInflationGenerator', 'generators', 'transformers', 'validators', 'vars', 'crds', 'configurations', 'openapi'];
const KNOWN = new Set(
	`apiVersion kind metadata resources bases components namespace namePrefix nameSuffix commonLabels labels commonAnnotations configMapGenerator secretGenerator generatorOptions patches patchesStrategicMerge patchesJson6902 images replicas replacements sortOptions buildMetadata helmGlobals ${UNSUPPORTED.join(' ')}`.split(
		' ',
	),
);
const DEPRECATED = [
	['bases', 'resources'],
	['commonLabels', 'labels'],
	['patchesJson6902', 'patches'],
	['patchesStrategicMerge', 'patches'],
	['vars', 'replacements'],
] as const;
/** Kustomizations within kustomizations: guards against one that includes itself. */
const MAX_DEPTH = 64;

/** An absolute path without `.` and `..`. */
function absolute(cwd: string, path: string): string {
	const out: string[] = [];
	for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
		if (part === '..') out.pop();
		else if (part !== '' && part !== '.') out.push(part);
	}
	return `/${out.join('/')}`;
}

/** What is said of charts where `--enable-helm` was not given. */
const chartsOff = (config: Obj): string =>
	`trouble configuring builtin HelmChartInflationGenerator with config: \`\n${toYaml(config)}\`: must specify --enable-helm`;

async function load(kube: Kube, folder: string, helm: boolean): Promise<Obj> {
	const found: string[] = [];
	for (const name of NAMES) if ((await kube.context.files.stat(`${folder}/${name}`)) !== undefined) found.push(name);
	const [name] = found;
	if (name === undefined) throw new CliError(`unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${folder}'`);
	if (found.length > 1) throw new CliError(`Found multiple kustomization files: ${folder}`);
	const text = await kube.context.files.read(`${folder}/${name}`);
	if (text.trim() === '') throw new CliError('kustomization.yaml is empty');
	let spec: Obj;
	try {
		spec = (readYaml(text) ?? {}) as Obj;
	} catch (err) {
		throw new CliError(toError(err).message.replace('error converting YAML to JSON', 'invalid Kustomization'));
	}
	const unknown = Object.keys(spec).find((k) => !KNOWN.has(k));
	if (unknown !== undefined) throw new CliError(`invalid Kustomization: json: unknown field "${unknown}"`);
	for (const [field, instead] of DEPRECATED)
		if (spec[field] !== undefined)
			kube.err(`# Warning: '${field}' is deprecated. Please use '${instead}' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n`);
	const [chart] = (spec['helmCharts'] ?? []) as readonly Obj[];
	if (chart !== undefined && !helm) throw new CliError(chartsOff({ ...(spec['helmGlobals'] as Obj | undefined), ...chart }));
	const missing = UNSUPPORTED.filter((f) => spec[f] !== undefined);
	if (missing.length > 0) throw new CliError(`the workstation's kustomize does not know ${missing.join(', ')}`);
	return spec;
}

/** Reads a file inside of the kustomization's root, as the default load restriction has it. */
function reader(kube: Kube, folder: string): (path: string) => Promise<string> {
	return async (path) => {
		const full = absolute(folder, path);
		if (!full.startsWith(`${folder}/`)) throw new CliError(`security; file '${full}' is not in or below '${folder}'`);
		if ((await kube.context.files.stat(full))?.kind !== 'file') throw new CliError(`open ${full}: no such file or directory`);
		return kube.context.files.read(full);
	};
}

async function addResource(kube: Kube, folder: string, path: string, all: Resource[], depth: number, helm: boolean): Promise<void> {
	const full = absolute(folder, path);
	const stat = await kube.context.files.stat(full);
	if (/^(https?:\/\/|git@|github\.com\/)/.test(path))
		throw new CliError(`accumulating resources: unable to reach '${path}': the workstation has no way out to the internet`);
	if (stat === undefined)
		throw new CliError(
			`accumulating resources: accumulation err='accumulating resources from '${path}': evalsymlink failure on '${full}' : lstat ${full}: no such file or directory': must build at directory: not a valid directory: evalsymlink failure on '${full}' : lstat ${full}: no such file or directory`,
		);
	if (stat.kind === 'directory') {
		if (`${folder}/`.startsWith(`${full}/`))
			throw new CliError(
				`accumulating resources: accumulation err='accumulating resources from '${path}': read ${full}: is a directory': cycle detected: candidate root '${full}' contains visited root '${folder}'`,
			);
		const inner: Resource[] = [];
		await accumulate(kube, full, inner, depth + 1, helm);
		add(all, inner, `accumulating resources: recursed merging from path '${path}'`);
		return;
	}
	try {
		const errors: Error[] = [];
		const text = await reader(
			kube,
			folder,
		)(path).catch((err: unknown) => {
			throw new CliError(`accumulating resources from '${path}': ${toError(err).message}`);
		});
		const objects = parseManifest(text, full, errors, readYaml).map((s) => newResource(s.object));
		if (errors[0] !== undefined) throw new CliError(`accumulating resources from '${path}': ${errors[0].message}`);
		add(all, objects, `merging resources from '${path}'`);
	} catch (err) {
		throw new CliError(`accumulating resources: accumulation err='${toError(err).message}': must build at directory: '${full}': file is not directory`);
	}
}

function add(all: Resource[], more: readonly Resource[], doing: string): void {
	for (const r of more) {
		const { kind, apiVersion, metadata } = r.object;
		const twin = all.find(
			(o) =>
				o.object.kind === kind &&
				o.object.apiVersion === apiVersion &&
				o.object.metadata?.name === metadata?.name &&
				o.object.metadata?.namespace === metadata?.namespace,
		);
		if (twin !== undefined) {
			const [group = '', version] = String(apiVersion).includes('/') ? String(apiVersion).split('/') : ['', String(apiVersion)];
			const id = `${kind}.${version}.${group || '[noGrp]'}/${metadata?.name}.${metadata?.namespace ?? '[noNs]'}`;
			throw new CliError(`${doing}: may not add resource with an already registered id: ${id}`);
		}
		all.push(r);
	}
}

/** Runs one kustomization over `all`: a component over its parent's objects, any other over its own. */
async function accumulate(kube: Kube, folder: string, all: Resource[], depth: number, helm: boolean): Promise<void> {
	if (depth > MAX_DEPTH) throw new CliError(`cycle detected: '${folder}' is reached again and again`);
	const spec = await load(kube, folder, helm);
	const read = reader(kube, folder);
	for (const path of [...((spec['resources'] ?? []) as string[]), ...((spec['bases'] ?? []) as string[])])
		await addResource(kube, folder, path, all, depth, helm);
	await generate(spec, all, read);
	for (const path of (spec['components'] ?? []) as string[]) {
		const full = absolute(folder, path);
		const kind = (await load(kube, full, helm)).kind;
		if (kind !== 'Component')
			throw new CliError(`accumulating components: accumulateDirectory: "expected kind 'Component' for path '${full}' but got '${kind ?? 'Kustomization'}'"`);
		await accumulate(kube, full, all, depth + 1, helm);
	}
	const patched = await patchAll(spec, [...all], read);
	transform(spec, patched);
	const done = await patchJson6902(spec, patched, read);
	await replaceAll(spec, done, read);
	all.splice(0, all.length, ...done);
}

/** Objects of the kustomization in `directory`, those first that others need; `helm` as `--enable-helm` says. Rejects with a `CliError`. */
export async function build(kube: Kube, directory: string, helm = false): Promise<readonly Obj[]> {
	const folder = absolute(kube.context.cwd, directory);
	const stat = await kube.context.files.stat(folder);
	if (stat === undefined)
		throw new CliError(`must build at directory: not a valid directory: evalsymlink failure on '${directory}' : lstat ${folder}: no such file or directory`);
	if (stat.kind !== 'directory') throw new CliError(`must build at directory: '${directory}': file is not directory`);
	const all: Resource[] = [];
	await accumulate(kube, folder, all, 0, helm);
	for (const r of all) {
		if (!r.hashed) continue;
		r.object.metadata = { ...r.object.metadata, name: `${r.object.metadata?.name}-${contentHash(r.object)}` };
		renamed(r);
	}
	fixReferences(all);
	return inLegacyOrder(all).map((r) => r.object);
}
