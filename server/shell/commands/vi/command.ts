/** `vi`, `vim`, `view`: an editor in the terminal, as people's fingers know it. */
import type { Command, CommandContext } from '../../command.ts';
import { type FullScreen, runFullScreen } from '../../screen/full-screen.ts';
import { exCommand } from './ex.ts';
import { open } from './files.ts';
import { action } from './normal.ts';
import { firstNonBlank } from './motions.ts';
import { frame } from './screen.ts';
import { goOn, readSwap, rememberedOf, remember, Swap } from './swap.ts';
import { lineAt } from './text.ts';
import { type Steps, Vi } from './vi.ts';

interface Given {
	readonly files: readonly string[];
	/** Ex commands to begin with: `+12`, `+/pattern`, `-c`. */
	readonly first: readonly string[];
	readonly readonly: boolean;
	readonly recover: boolean;
}

function parse(name: string, args: readonly string[]): Given | string {
	const files: string[] = [];
	const first: string[] = [];
	let readonly = name === 'view';
	let recover = false;
	let only = false;
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (only || (!a.startsWith('-') && !a.startsWith('+')) || a === '-') files.push(a);
		else if (a === '--') only = true;
		else if (a.startsWith('+')) first.push(a === '+' ? '$' : a.slice(1));
		else if (a === '-c' || a === '--cmd') first.push(args[++i] ?? '');
		else if (a === '-R' || a === '-M') readonly = true;
		else if (a === '-r') recover = true;
		else if (!/^-[neyNXuiO]|^-(o|p|u)$/.test(a)) return a;
	}
	return { files, first, readonly, recover };
}

/** All that happens, key by key, until the editor is left. */
function* session(vi: Vi, context: CommandContext, given: Given): Steps<void> {
	for (const rc of ['.vimrc', '.exrc']) {
		const text = (yield context.files.read(`${context.env['HOME'] ?? '/home/learner'}/${rc}`).catch(() => '')) as string;
		for (const line of text.split('\n').slice(0, 500)) yield* exCommand(vi, line);
	}
	const before = rememberedOf(context.memory?.before());
	const path = before?.path ?? given.files[0];
	vi.argumentFiles = given.files;
	vi.readonly = given.readonly;
	if (path === '-') {
		vi.load(undefined, context.io.stdin);
		vi.saved = [];
		vi.say('');
	} else if (path !== undefined) {
		yield open(vi, path);
		if (before === undefined) yield* readSwap(vi, given.recover);
		else yield* goOn(vi, before);
		if (given.files.length > 1) vi.say(`${given.files.length} files to edit: :n goes to the next. ${vi.message}`);
	}
	if (before === undefined) {
		for (const line of given.first) yield* exCommand(vi, line);
		vi.cursor = { row: vi.cursor.row, at: firstNonBlank(lineAt(vi.lines, vi.cursor.row)) };
	}
	while (vi.ended === undefined) yield* action(vi);
}

/** Hands keys to the session, and promises' outcomes. */
function screenOf(vi: Vi, context: CommandContext, given: Given, redraw: () => void): FullScreen {
	const steps = session(vi, context, given);
	const swap = new Swap(vi, context);
	const advance = async (value: unknown): Promise<void> => {
		let result = steps.next(value);
		while (!result.done && result.value !== undefined) result = steps.next(await result.value);
		if (result.done) vi.ended ??= 0;
		await swap.follow();
	};
	const ready = advance(undefined);
	// What goes wrong at the start shows with the first key.
	ready.then(redraw, redraw);
	return {
		key: async (key) => {
			await ready;
			if (vi.ended === undefined) await advance(key);
		},
		frame: (columns, rows) => frame(vi, columns, rows),
		get ended() {
			return vi.ended;
		},
		remember: () => remember(vi),
		abandoned: () => swap.keep(),
	};
}

const vimLike = (name: string, summary: string): Command => ({
	name,
	summary,
	help: `Usage: ${name} [+LINE] [+/PATTERN] [-c COMMAND] [-R] [-r] [FILE...]\n${summary}.\nWithin: i inserts, Esc ends that; :w writes, :q leaves, :wq does both, :q! leaves without writing; :help tells more.\n~/.vimrc is read. After a broken connection vi -r FILE brings back what was not written.\nRather beside the terminal? 'code FILE' opens the page's editor.\n`,
	async run(args, context) {
		const given = parse(name, args);
		if (typeof given === 'string') {
			context.io.stderr(`VIM - Vi IMproved 9.1\nUnknown option argument: "${given}"\nMore info with: "vim -h"\n`);
			return 1;
		}
		const { files } = context;
		const vi = new Vi({
			read: (p) => files.read(p),
			write: (p, content) => files.write(p, content),
			stat: (p) => files.stat(p),
			now: () => context.clock.now(),
		});
		const status = await runFullScreen(context, (redraw) => screenOf(vi, context, given, redraw));
		if (status !== undefined) return status;
		context.io.stderr('Vim: Warning: Output is not to a terminal\n');
		return 1;
	},
});

export const vi = vimLike('vi', 'edit a file (vi)');
export const vim = vimLike('vim', 'edit a file (Vi IMproved)');
export const view = vimLike('view', 'look at a file with vi, read only');
