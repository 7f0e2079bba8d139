/** `npm run cluster`: its entry. What Node compiles is kept, and the pack of its sources, so that every start but the first takes a third of the time. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import '../linear-patterns.ts';
import { freshPack, packInBackground, ROOT } from './packed.ts';

// Where the checkout cannot be written it goes without.
enableCompileCache(join(ROOT, '.cache', 'compiled'));
const packed = freshPack('cluster');
const { runCluster } = (await import(packed ?? './run-cluster.ts')) as typeof import('./run-cluster.ts');
process.exit(
	await runCluster(process.argv.slice(2), () => {
		if (packed === undefined) packInBackground('cluster');
	}),
);
