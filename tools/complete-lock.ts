/**
 * Adds to package-lock.json the optional packages of other platforms that a partial registry mirror left out: `npm ci`
 * refuses a lock file without them, though none of them is installed here. Run after `npm install`: `npm run lock`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
	readonly version?: string;
	readonly optional?: boolean;
	readonly os?: readonly string[];
	readonly cpu?: readonly string[];
	readonly libc?: readonly string[];
	readonly optionalDependencies?: { readonly [name: string]: string };
}

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
	[/android/, 'android'],
	[/darwin/, 'darwin'],
	[/win32|windows/, 'win32'],
	[/freebsd/, 'freebsd'],
	[/openbsd/, 'openbsd'],
	[/netbsd/, 'netbsd'],
	[/openharmony/, 'openharmony'],
	[/sunos/, 'sunos'],
	[/aix/, 'aix'],
	[/linux/, 'linux'],
];
const PROCESSORS: readonly (readonly [RegExp, string])[] = [
	[/wasm32|wasi/, 'wasm32'],
	[/arm64|aarch64/, 'arm64'],
	[/x64|x86_64/, 'x64'],
	[/ia32|i686|win32-x86/, 'ia32'],
	[/riscv64/, 'riscv64'],
	[/ppc64/, 'ppc64'],
	[/s390x/, 's390x'],
	[/loong64/, 'loong64'],
	[/mips64el/, 'mips64el'],
	[/arm/, 'arm'],
];

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: { [path: string]: Entry } };
const added: string[] = [];

for (const [path, entry] of Object.entries(lock.packages)) {
	for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
		// Found as Node finds it: beside the package, or in a folder above.
		let folder = path;
		let found = false;
		for (;;) {
			if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) found = true;
			if (found || folder === '') break;
			const at = folder.lastIndexOf('/node_modules/');
			folder = at < 0 ? '' : folder.slice(0, at);
		}
		const os = SYSTEMS.find(([re]) => re.test(name))?.[1];
		const cpu = PROCESSORS.find(([re]) => re.test(name))?.[1];
		if (found || (os === undefined && cpu === undefined) || !/^\d/.test(range)) continue;
		const at = `node_modules/${name}`;
		if (lock.packages[at] !== undefined) continue;
		lock.packages[at] = {
			version: range,
			optional: true,
			...(cpu === undefined ? {} : { cpu: [cpu] }),
			...(os === undefined ? {} : { os: [os] }),
			...(name.endsWith('musl') ? { libc: ['musl'] } : {}),
		};
		added.push(name);
	}
}

const { '': root, ...rest } = lock.packages;
lock.packages = { '': root ?? {}, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, 'en'))) };
writeFileSync(file, `${JSON.stringify(lock, null, '\t')}\n`);
console.log(`${added.length} optional packages of other platforms added`);
