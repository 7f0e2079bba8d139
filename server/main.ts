/** The command line's entry. What Node compiles is kept, so that every start but the first takes half the time. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import './linear-patterns.ts';

// Where the checkout cannot be written it goes without.
enableCompileCache(join(import.meta.dirname, '..', '.cache', 'compiled'));
const { main } = await import('./foothold.ts');
process.exit(await main(process.argv.slice(2)));
