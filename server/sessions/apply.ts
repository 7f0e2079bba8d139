/** Applies a file of the workstation as the learner's kubectl would, and puts what it says into parts. */
import { LIMITS } from '../limits.ts';
import type { Applied } from '../protocol/workspace.ts';
import type { CommandOutput, Workstation } from '../shell/workstation.types.ts';

/** `name verb` lines of standard output, without what a dry run adds. */
const objectsOf = (stdout: string): Applied['objects'] =>
	stdout.split('\n').flatMap((line) => {
		const [, name = '', verb = ''] = /^(\S+\/\S+) (.+?)(?: \(server dry run\))?$/.exec(line) ?? [];
		return name === '' ? [] : [{ name, verb }];
	});

/** Standard error in warnings and errors; an error may go over several lines. */
function saidOf(stderr: string): Pick<Applied, 'warnings' | 'errors'> {
	const warnings: string[] = [];
	const rest: string[] = [];
	for (const line of stderr.split('\n')) {
		if (line.startsWith('Warning: ')) warnings.push(line.slice('Warning: '.length));
		else rest.push(line);
	}
	const errors = rest
		.join('\n')
		.trim()
		.split(/\n(?=Error from server|error: |The \S+ "|Unable to )/)
		.filter((text) => text !== '');
	return { warnings, errors };
}

/** `kubectl diff`'s output by object. */
function diffsOf(stdout: string): Applied['diffs'] {
	return stdout.split(/^(?=diff -u -N )/m).flatMap((part) => {
		const [head = '', from = '', to = '', ...hunks] = part.split('\n');
		const name = /\/([^/]+)$/.exec(head)?.[1];
		return name !== undefined && from.startsWith('--- ') && to.startsWith('+++ ') ? [{ name: shown(name), text: hunks.join('\n') }] : [];
	});
}

/** `apps.v1.Deployment.notes.web` → `Deployment web in notes`; the file names of kubectl diff. */
function shown(fileName: string): string {
	const [, kind = '', namespace = '', name = ''] = /^(?:[^A-Z]+\.)?([A-Z]\w*)\.([^.]*)\.(.+)$/.exec(fileName) ?? [];
	if (kind === '') return fileName;
	return namespace === '' ? `${kind} ${name}` : `${kind} ${name} in ${namespace}`;
}

const clipped = (text: string): string => (text.length > LIMITS.applyCharacters ? `${text.slice(0, LIMITS.applyCharacters)}\n…\n` : text);

/** Applies, or with `dryRun` only says what that would do. Resolves with kubectl's exit code beside what it said. */
export async function applyFile(
	kubectl: Workstation['kubectl'],
	path: string,
	dryRun: boolean,
): Promise<{ readonly applied: Applied; readonly exitCode: number }> {
	const run = (...args: string[]): Promise<CommandOutput> => kubectl(args, AbortSignal.timeout(LIMITS.applyMs));
	const done = await run('apply', '-f', path, ...(dryRun ? ['--dry-run=server'] : []));
	// What cannot be tried cannot be compared either, and the reason would stand there twice: its errors are apply's.
	const diff = dryRun ? diffsOf(clipped((await run('diff', '-f', path)).stdout)) : [];
	return { applied: { objects: objectsOf(clipped(done.stdout)), diffs: diff, ...saidOf(clipped(done.stderr)) }, exitCode: done.exitCode };
}
