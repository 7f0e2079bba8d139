/** `nano`: the editor that tells its keys. */
import { LIMITS } from '../../../limits.ts';
import type { Command } from '../../command.ts';
import { runFullScreen } from '../../screen/full-screen.ts';
import { Nano } from './editor.ts';
import { HELP } from './screen.ts';

export const nano: Command = {
	name: 'nano',
	summary: 'edit a file, with the keys shown below',
	help: `Usage: nano [-l] [-v] [-T SIZE] [+LINE] [FILE]\n${HELP.slice(1).join('\n')}\n`,
	async run(args, context) {
		const { io } = context;
		const short = args.filter((a) => /^-[a-zA-Z]/.test(a)).join('');
		const t = args.findIndex((a) => a === '-T' || a === '--tabsize');
		const file = args.find((a, i) => !a.startsWith('-') && !a.startsWith('+') && (t < 0 || i !== t + 1));
		const stat = file === undefined ? undefined : await context.files.stat(file);
		if (stat?.kind === 'directory') {
			io.stderr(`"${file}" is a directory\n`);
			return 1;
		}
		if (stat !== undefined && stat.size > LIMITS.editorBytes) {
			io.stderr(
				`nano: ${file} has ${stat.size} bytes: more than the ${LIMITS.editorBytes} that fit an editor here. Look at it with less, or cut it with head and split\n`,
			);
			return 1;
		}
		const content = file === undefined || stat === undefined ? '' : await context.files.read(file);
		const options = {
			readonly: short.includes('v') || args.includes('--view'),
			numbers: short.includes('l') || args.includes('--linenumbers'),
			tabsize: t < 0 ? 8 : Math.max(1, Number(args[t + 1]) || 8),
			line:
				Number(
					args
						.find((a) => a.startsWith('+'))
						?.slice(1)
						.split(',')[0] ?? 1,
				) || 1,
			isNew: stat === undefined,
		};
		const status = await runFullScreen(context, () => {
			const editor = new Nano(context, file ?? '', content, options);
			editor.goOn(context.memory?.before());
			return editor;
		});
		if (status !== undefined) return status;
		io.stderr('Standard input is not a terminal\n');
		return 1;
	},
};
