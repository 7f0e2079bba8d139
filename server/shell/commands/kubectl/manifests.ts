/** Objects out of files, folders and standard input (cli-runtime's resource.Builder for -f). */
import { CliError } from './errors.ts';
import type { Flags, FlagSpec } from './flags.ts';
import { bool, list, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { parseManifest, type SourcedObject } from './parse-manifest.ts';
import { build } from './kustomize/build.ts';

export const FILE_FLAGS: readonly FlagSpec[] = [list('filename', { short: 'f' }), text('kustomize', { short: 'k' }), bool('recursive', { short: 'R' })];

/** Some commands go into folders without being told to. */
export const alwaysRecursive = (f: FlagSpec): FlagSpec => (f.name === 'recursive' ? { ...f, def: 'true' } : f);

async function filesOf(kube: Kube, path: string, recursive: boolean): Promise<readonly string[]> {
	const { files } = kube.context;
	const stat = await files.stat(path);
	if (stat === undefined) throw new CliError(`the path "${path}" does not exist`);
	if (stat.kind === 'file') return [path];
	const base = path.replace(/\/+$/, '');
	const found = (await files.list(path, { recursive })).filter((p) => /\.(json|ya?ml)$/.test(p));
	if (found.length === 0) throw new CliError(`error reading [${base}]: recognized file extensions are [.json .yaml .yml]`);
	// Named as they were asked for, not by their absolute path.
	return found.map((p) => {
		const at = p.indexOf(`/${base.replace(/^\.\//, '')}/`);
		return base.startsWith('/') || at < 0 ? p : p.slice(at + 1);
	});
}

/** All objects of `-f` and `-k`; faults of single documents go to `errors`. */
export async function readManifests(kube: Kube, flags: Flags, errors: Error[]): Promise<SourcedObject[]> {
	const names = flags.list('filename');
	if (flags.str('kustomize') !== '') {
		if (names.length > 0) throw new CliError('only one of -f or -k can be specified');
		return (await build(kube, flags.str('kustomize'))).map((object) => ({ object, source: flags.str('kustomize') }));
	}
	const out: SourcedObject[] = [];
	for (const name of names) {
		if (name === '-') {
			out.push(...parseManifest(kube.context.io.stdin, 'STDIN', errors));
			continue;
		}
		if (/^https?:\/\//.test(name))
			throw new CliError(`unable to read URL "${name}": the workstation has no way out to the internet; save the manifest as a file and use -f FILE`);
		for (const file of await filesOf(kube, name, flags.bool('recursive'))) {
			out.push(...parseManifest(await kube.context.files.read(file), file, errors));
		}
	}
	return out;
}

export const hasFiles = (flags: Flags): boolean => flags.list('filename').length > 0 || flags.str('kustomize') !== '';
