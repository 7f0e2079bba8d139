import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { memorySandbox } from './testing/sandbox.ts';
import { testTerminal } from './testing/terminal.ts';

it('runs LIMITS.shellProcesses processes in a terminal, and refuses the next', async () => {
	const t = testTerminal(memorySandbox());
	const many = await t.run(`for i in $(seq ${LIMITS.shellProcesses}); do sleep 100000 & done`);
	expect(many).not.toContain('fork');
	expect(await t.run('sleep 1 &')).toBe('bash: fork: retry: Resource temporarily unavailable\n');
	await t.run('kill %1; wait %1');
	expect(await t.run('sleep 100000 &')).toMatch(/^\[\d+\] \d+\n$/);
});
