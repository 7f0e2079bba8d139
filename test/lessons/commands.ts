/** A lesson's `console` blocks, typed into a workstation as a reader would type them. `node test/lessons/commands.ts <file.md>` prints what comes back. */
import { readFileSync } from 'node:fs';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { Template } from '../../server/sandboxes/simulated/template.ts';
import { testTerminal } from '../../server/shell/testing/terminal.ts';

export interface Typed {
	/** The command; lines after `> ` belong to it. */
	readonly lines: readonly string[];
	/** What the lesson says comes back. */
	readonly output: readonly string[];
}

const SEED = 7;
/** Whoever waits in a command (a rollout, a deletion) waits in the cluster's time, which here runs faster than ours. */
const SPEED = 100;
/** Virtual ms that pass after each command: what it set going is over before the next. */
const SETTLE_MS = 30_000;

/** The commands of all `console` blocks, in order. A block that begins with output is a fault of the lesson. */
export function typedIn(markdown: string): Typed[] {
	const typed: { lines: string[]; output: string[] }[] = [];
	for (const [, block = ''] of markdown.matchAll(/^```console\n([\s\S]*?)^```$/gm)) {
		let begun = false;
		for (const line of block.replace(/\n$/, '').split('\n')) {
			if (line.startsWith('$ ')) {
				begun = true;
				typed.push({ lines: [line.slice(2)], output: [] });
			} else if (!begun) throw new Error(`a console block begins with no command: ${line}`);
			else if (/^> /.test(line) && typed.at(-1)?.output.length === 0) typed.at(-1)?.lines.push(line.slice(2));
			else typed.at(-1)?.output.push(line);
		}
	}
	return typed;
}

let template: Template | undefined;

/** Types them all into one fresh sandbox; each command's real output, told as it comes and all together at the end. */
export async function run(commands: readonly Typed[], tell: (command: Typed, output: string) => void = () => {}): Promise<string[]> {
	template ??= Template.build({ hosts: ['notes.foothold.test'] });
	const sandbox = await SimulatorSandbox.create(template, { id: 'lesson', seed: SEED, speed: SPEED });
	const pass = (ms: number): void => void sandbox.simulator.apply({ at: sandbox.simulator.now + ms, kind: 'tick' });
	// As with a page that is attached: time goes on while a command waits.
	const release = sandbox.hold();
	pass(SETTLE_MS);
	const terminal = testTerminal(sandbox, { columns: 400 });
	const outputs: string[] = [];
	for (const command of commands) {
		const { lines } = command;
		const output = await terminal.run(lines.join('\r'));
		const answer = output
			.split('\n')
			.slice(lines.length - 1)
			.join('\n')
			.trimEnd();
		outputs.push(answer);
		tell(command, answer);
		pass(SETTLE_MS);
	}
	release();
	await sandbox.dispose();
	return outputs;
}

/** Takes out what differs from one cluster and moment to the next: ages, times, addresses, the ends of generated names, columns' widths,
 * and in which turn of a retry one looked. */
export function comparable(line: string): string {
	return line
		.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, '<time>')
		.replace(/\b10\.(244|96)\.\d+\.\d+/g, '<address>')
		.replace(/-[a-z0-9]{6,10}-[a-z0-9]{5}\b/g, '-<pod>')
		.replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}(?![\w-])/g, '-<end>')
		.replace(/(?<![\w.-])(\d+[dhms])+(?![\w-])/g, '<age>')
		.replace(/\b\d+ \(<age> ago\)/, '<restarts>')
		.replace(/ErrImagePull|ImagePullBackOff/g, '<no image>')
		.replace(/\s+/g, ' ')
		.trim();
}

/** The first line of a lesson that is not what came back, or undefined. A line `...` stands for any lines. */
export function difference(said: readonly string[], real: string): string | undefined {
	const seen = real.split('\n').map(comparable);
	let at = 0;
	let any = false;
	for (const line of said.map(comparable)) {
		if (line === '...') {
			any = true;
			continue;
		}
		const found = any ? seen.indexOf(line, at) : seen[at] === line ? at : -1;
		if (found < 0) return `“${line}” where there is “${seen[at] ?? 'nothing more'}”`;
		at = found + 1;
		any = false;
	}
	return any || at >= seen.length || (at === 0 && real === '') ? undefined : `nothing where there is “${seen[at]}”`;
}

if (import.meta.main) {
	await run(typedIn(readFileSync(process.argv[2] ?? '/dev/stdin', 'utf8')), ({ lines, output: said }, output) => {
		console.log(`$ ${lines.join('\n> ')}\n${output}`);
		const differs = said.length > 0 ? difference(said, output) : undefined;
		if (differs !== undefined) console.log(`### differs: ${differs}`);
	});
	process.exit(0);
}
