import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('brings patterns to an end that would backtrack for ever', async () => {
	const script = `await import(${JSON.stringify(new URL('./linear-patterns.ts', import.meta.url).href)}); console.log(/^(a+)+b$/.test('a'.repeat(60)));`;
	const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], { timeout: 30_000 });
	expect(stdout).toBe('false\n');
});
