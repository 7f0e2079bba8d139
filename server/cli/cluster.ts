/** `npm run cluster`: its entry. What Node compiles is kept, so that every start but the first takes half the time. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import '../linear-patterns.ts';

// Where the checkout cannot be written it goes without.
enableCompileCache(join(import.meta.dirname, '..', '..', '.cache', 'compiled'));
const { cluster } = await import('./run-cluster.ts');
const { toFault } = await import('../errors/catalogue.ts');

cluster(process.argv.slice(2)).then(
	(code) => process.exit(code),
	(error: unknown) => {
		const { message, next } = toFault(error);
		process.stderr.write(`${message}\n${next}\n`);
		process.exit(2);
	},
);
