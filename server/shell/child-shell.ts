/** Scripts that a command has run for it. */
import { LIMITS } from '../limits.ts';
import type { ChildShell } from './command.ts';
import type { Run } from './interpreter/run.ts';
import { copyState } from './interpreter/state.ts';
import { collector } from './interpreter/streams.ts';

/** A script run as a child of what runs now. */
export async function childShell(run: Run, script: string, options: ChildShell = {}): Promise<{ readonly exitCode: number; readonly stdout: string }> {
	if (run.child === undefined) return { exitCode: 127, stdout: '' };
	const variables = new Map(run.state.variables);
	for (const [name, value] of Object.entries(options.env ?? {})) variables.set(name, { value, exported: true });
	const state = { ...copyState(run.state), variables, cwd: options.cwd ?? run.state.cwd };
	const output = options.capture ? collector(LIMITS.shellCharacters, () => {}) : undefined;
	const exitCode = await run.child(script, options.name ?? 'sh', { ...run, state, io: output === undefined ? run.io : { ...run.io, output } });
	return { exitCode, stdout: output?.text() ?? '' };
}
