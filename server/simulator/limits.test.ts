/** Every ceiling of the simulator's table has a test that names it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GPU_LIMITS, SERVING_LIMITS, TRITON_LIMITS } from './limits.ts';

const tests = globSync('**/*.test.ts', { cwd: import.meta.dirname })
	.filter((f) => f !== 'limits.test.ts')
	.map((f) => readFileSync(join(import.meta.dirname, f), 'utf8'))
	.join('\n');

it.each(Object.entries({ GPU_LIMITS, SERVING_LIMITS, TRITON_LIMITS }).flatMap(([table, limits]) => Object.keys(limits).map((name) => `${table}.${name}`)))(
	'%s',
	(name) => expect(tests).toContain(name),
);
