/** A worker thread's entry; see session-worker.ts. Compiled code is kept as main.ts keeps it. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import '../linear-patterns.ts';

enableCompileCache(join(import.meta.dirname, '..', '..', '.cache', 'compiled'));
await import('./session-worker.ts');
