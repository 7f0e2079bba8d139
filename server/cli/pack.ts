/** `node server/cli/pack.ts cluster`: writes a pack (packed.ts) with esbuild. Also run by a cluster's start from its sources. */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { HEAD_MARK, type PackHead, PACKS, ROOT } from './packed.ts';

const ENTRIES: { readonly [name: string]: string } = { cluster: 'server/cli/run-cluster.ts' };

/** Packages that few clusters need, by the functions that are used of them: loaded when one is first called. */
const LATE: { readonly [name: string]: readonly string[] } = { 'just-bash': ['parse'], 'pgsql-ast-parser': ['parse'] };

const late: Plugin = {
	name: 'late',
	setup(building) {
		building.onResolve({ filter: new RegExp(`^(${Object.keys(LATE).join('|')})$`) }, ({ path }) => ({ path, namespace: 'late' }));
		building.onLoad({ filter: /./, namespace: 'late' }, ({ path }) => {
			const exported = (LATE[path] ?? []).map((name) => `export const ${name} = (...args) => (loaded ??= load(${JSON.stringify(path)})).${name}(...args);`);
			// Not called require: esbuild would take the package in.
			const head = "import { createRequire } from 'node:module'; const load = createRequire(import.meta.url); let loaded;";
			return { loader: 'js', contents: [head, ...exported].join('\n') };
		});
	},
};

/** For the packages within that are CommonJS: what they require of Node. */
const REQUIRE = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/**
 * Writes the pack of `entry` to `folder`. Where a source changes meanwhile nothing is written: the next start makes it anew.
 * Rejects where a source does not compile or the folder cannot be written.
 */
export async function pack(name: string, entry: string, folder = PACKS, root = ROOT): Promise<void> {
	const started = Date.now();
	const result = await build({
		absWorkingDir: root,
		entryPoints: [entry],
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node24',
		write: false,
		metafile: true,
		logLevel: 'silent',
		plugins: [late],
		banner: { js: REQUIRE },
	});
	const inputs = sourcesOf(Object.keys(result.metafile.inputs), root).map((input) => {
		const { mtimeMs, size } = statSync(join(root, input));
		return [input, mtimeMs, size] as const;
	});
	if (inputs.some(([, mtimeMs]) => mtimeMs >= started)) return;
	const [output] = result.outputFiles;
	if (output === undefined) throw new Error(`esbuild wrote nothing for ${entry}`);
	mkdirSync(folder, { recursive: true });
	const head: PackHead = { inputs };
	const temporary = join(folder, `${name}.${process.pid}.tmp`);
	try {
		writeFileSync(temporary, `${HEAD_MARK}${JSON.stringify(head)}\n${output.text}`);
		renameSync(temporary, join(folder, `${name}.mjs`));
	} finally {
		rmSync(temporary, { force: true });
	}
}

/** What a pack has to be made anew for: our files, how packs are made, and one file that npm writes for all packages. */
function sourcesOf(inputs: readonly string[], root: string): readonly string[] {
	const ours = inputs.filter((input) => !input.startsWith('late:') && !input.startsWith('node_modules/'));
	const packages = ours.length < inputs.length ? ['node_modules/.package-lock.json'] : [];
	return [...ours, relative(root, import.meta.filename), ...packages];
}

if (import.meta.main) {
	const name = process.argv[2] ?? '';
	const entry = ENTRIES[name];
	if (entry === undefined) {
		process.stderr.write(`no pack is named “${name}”: it is one of ${Object.keys(ENTRIES).join(', ')}\n`);
		process.exit(2);
	}
	await pack(name, entry);
}
