/** `npm run bench [-- name…]`: figures of this machine, by the names that stay (one JSON line each). */
import { spawnSync } from 'node:child_process';
import { benches } from './benches.ts';

const { gc } = globalThis as { gc?: () => void };
if (gc === undefined) {
	// Memory figures need the collector at hand: start once more with it.
	const again = spawnSync(process.execPath, ['--expose-gc', '--no-warnings', import.meta.filename, ...process.argv.slice(2)], { stdio: 'inherit' });
	process.exit(again.status ?? 1);
}

const wanted = process.argv.slice(2).filter((a) => !a.startsWith('-'));
const unknown = wanted.filter((w) => benches[w] === undefined);
if (unknown.length > 0) {
	console.error(`no such bench: ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
	process.exit(2);
}
for (const [name, run] of Object.entries(benches)) if (run !== undefined && (wanted.length === 0 || wanted.includes(name))) await run();
process.exit(0);
