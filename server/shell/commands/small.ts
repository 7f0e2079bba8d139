/** Small commands that know the workstation: date, whoami, id, uname, clear, help, editors that open in the page. */
import type { Command, CommandContext } from '../command.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** strftime's directives that people use, in UTC. */
export function formatDate(ms: number, format: string): string {
	const d = new Date(ms);
	const two = (n: number): string => String(n).padStart(2, '0');
	const of: { readonly [c: string]: () => string } = {
		Y: () => String(d.getUTCFullYear()),
		m: () => two(d.getUTCMonth() + 1),
		d: () => two(d.getUTCDate()),
		e: () => String(d.getUTCDate()).padStart(2),
		H: () => two(d.getUTCHours()),
		M: () => two(d.getUTCMinutes()),
		S: () => two(d.getUTCSeconds()),
		s: () => String(Math.floor(ms / 1000)),
		N: () => `${String(d.getUTCMilliseconds()).padStart(3, '0')}000000`,
		F: () => d.toISOString().slice(0, 10),
		T: () => d.toISOString().slice(11, 19),
		b: () => MONTHS[d.getUTCMonth()] ?? '',
		a: () => DAYS[d.getUTCDay()] ?? '',
		Z: () => 'UTC',
		z: () => '+0000',
		R: () => d.toISOString().slice(11, 16),
		j: () => String(Math.floor((ms - Date.UTC(d.getUTCFullYear(), 0, 1)) / 86_400_000) + 1).padStart(3, '0'),
		'%': () => '%',
		n: () => '\n',
		t: () => '\t',
	};
	return format.replace(/%-?([a-zA-Z%])/g, (m, c: string) => of[c]?.() ?? m);
}

const simple = (name: string, summary: string, run: (args: readonly string[], context: CommandContext) => string | Promise<string>): Command => ({
	name,
	summary,
	help: `Usage: ${name}\n${summary}\n`,
	async run(args, context) {
		context.io.stdout(await run(args, context));
		return 0;
	},
});

/** A name that opens the file in the page's editor. Nobody waits: terminal and editor are there side by side. */
const editor = (name: string): Command => ({
	name,
	summary: 'edit a file (opens in the editor beside the terminal)',
	help: `Usage: ${name} FILE\nOpens FILE in the editor beside the terminal. What is saved there (Ctrl-S) is what commands see here.\n`,
	async run(args, context) {
		const file = args.find((a) => !a.startsWith('-') && !a.startsWith('+'));
		if (file === undefined) {
			context.io.stderr(`${name}: which file? Try '${name} app.yaml'.\n`);
			return 1;
		}
		const path = file.startsWith('/') ? file : `${context.cwd}/${file}`;
		const stat = await context.files.stat(path);
		if (stat?.kind === 'directory') {
			context.io.stderr(`${name}: ${file} is a directory\n`);
			return 1;
		}
		if (stat === undefined) await context.files.write(path, '');
		if (await context.edit(path, false)) {
			context.io.stderr(`Opened ${file} in the editor. Save it there (Ctrl-S): commands here see what is saved.\n`);
			return 0;
		}
		context.io.stderr(`${name}: no page with an editor is attached to this terminal\n`);
		return 1;
	},
});

export const smallCommands: readonly Command[] = [
	{
		name: 'date',
		summary: 'print the date and time of the cluster',
		help: "Usage: date [-u] [+FORMAT] [-d @SECONDS]\nThe workstation's clock is the cluster's clock: it stands still while nobody is here.\n",
		async run(args, context) {
			const d = args.findIndex((a) => a === '-d' || a === '--date');
			const given = d >= 0 ? (args[d + 1] ?? '') : undefined;
			const ms = given === undefined || given === 'now' ? context.clock.now() : given.startsWith('@') ? Number(given.slice(1)) * 1000 : Date.parse(given);
			if (Number.isNaN(ms)) {
				context.io.stderr(`date: invalid date '${given}'\n`);
				return 1;
			}
			const iso = args.some((a) => a.startsWith('-I') || a.startsWith('--iso'));
			const format =
				args.find((a) => a.startsWith('+'))?.slice(1) ?? (iso ? (args.some((a) => /-Is|=s/.test(a)) ? '%FT%T+00:00' : '%F') : '%a %b %e %H:%M:%S %Z %Y');
			context.io.stdout(`${formatDate(ms, format)}\n`);
			return 0;
		},
	},
	simple('whoami', 'print the user name', () => 'learner\n'),
	simple('hostname', 'print the host name', () => 'workstation\n'),
	simple('id', 'print user and group ids', (args) =>
		args.includes('-u') ? (args.includes('-n') ? 'learner\n' : '1000\n') : 'uid=1000(learner) gid=1000(learner) groups=1000(learner)\n',
	),
	simple('uname', 'print system information', (args) =>
		args.includes('-a')
			? 'Linux workstation 6.12.0 #1 SMP x86_64 GNU/Linux\n'
			: args.includes('-r')
				? '6.12.0\n'
				: args.includes('-m')
					? 'x86_64\n'
					: args.includes('-n')
						? 'workstation\n'
						: 'Linux\n',
	),
	simple('clear', 'clear the screen', () => '\x1b[H\x1b[2J\x1b[3J'),
	simple('reset', 'clear the screen', () => '\x1bc'),
	editor('code'),
	editor('edit'),
];
