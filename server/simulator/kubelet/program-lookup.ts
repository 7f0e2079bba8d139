/** Which program an argv starts: $PATH, symlinks, binaries by their content, `#!` lines. */
import type { FileError, Program } from '../images/program.ts';
import type { ContainerFiles } from '../storage-volumes/filesystem.ts';
import { parseBinary } from '../storage-volumes/image-tree.ts';
import type { Host } from './host.ts';

/** As the container runtime sets it where neither image nor pod does. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ProgramRef {
	readonly repository: string;
	readonly path: string;
}

export type Lookup =
	| { readonly ok: true; readonly program: ProgramRef; readonly argv: readonly string[] }
	| { readonly ok: false; readonly error: FileError /** The kernel would not run it though it is there. */; readonly format?: true };

/** Makes a path absolute. */
export function absolute(cwd: string, path: string): string {
	return path.startsWith('/') ? path : `${cwd === '/' ? '' : cwd}/${path}`;
}

function candidates(name: string, env: { readonly [name: string]: string }, cwd: string): readonly string[] {
	if (name.includes('/')) return [absolute(cwd, name)];
	return (env['PATH'] ?? DEFAULT_PATH).split(':').map((dir) => `${dir === '' ? '.' : dir}/${name}`);
}

/** Finds what `argv[0]` runs. `ENOENT` where there is no such file, `EACCES` where it may not be executed. */
export function findProgram(
	host: Host,
	files: ContainerFiles,
	argv: readonly string[],
	env: { readonly [name: string]: string },
	cwd: string,
	own: { readonly repository: string; readonly reference: string },
	depth = 0,
): Lookup {
	const name = argv[0];
	if (name === undefined || name === '') return { ok: false, error: 'ENOENT' };
	let refused: FileError = 'ENOENT';
	for (const path of candidates(name, env, cwd)) {
		const file = files.executable(path);
		if (!file.ok) {
			if (file.error === 'EACCES') refused = 'EACCES';
			continue;
		}
		const binary = parseBinary(file.value.content);
		if (binary !== undefined) {
			const image = binary.repository === own.repository ? host.image(own.reference) : host.image(binary.repository);
			if (image?.programs[binary.path] !== undefined) return { ok: true, program: binary, argv };
			return { ok: false, error: 'EINVAL', format: true };
		}
		const shebang = /^#!\s*(\S+)(?:[ \t]+([^\n]*\S))?[ \t]*\n?/.exec(file.value.content);
		if (shebang !== null && depth < 4) {
			const interpreter = [shebang[1] ?? '', ...(shebang[2] === undefined ? [] : [shebang[2]]), path, ...argv.slice(1)];
			return findProgram(host, files, interpreter, env, cwd, own, depth + 1);
		}
		return { ok: false, error: 'EINVAL', format: true };
	}
	return { ok: false, error: refused };
}

/** The program a reference names; undefined where its image is no longer known. */
export function loadProgram(host: Host, ref: ProgramRef, own: { readonly repository: string; readonly reference: string }): Program<never> | undefined {
	return host.image(ref.repository === own.repository ? own.reference : ref.repository)?.programs[ref.path];
}
