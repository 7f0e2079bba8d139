/** `nvidia-smi`: what to show, exit codes, and its words where there is nothing to show. */
import type { Program } from '../../images/program.ts';
import { DRIVER_VERSION } from '../driver-files.ts';
import { details } from './details.ts';
import { migCommand, migMode, type Answer } from './mig-command.ts';
import { parseFormat, queryApps, queryGpu } from './query.ts';
import { list, table } from './table.ts';
import { type View, viewOf } from './view.ts';

/** Exit codes of nvidia-smi(1): 2 a bad argument, 4 no permission, 6 nothing found, 9 no driver, 15 a card that is lost. */
const BAD_ARGUMENT = 2;
const NOT_FOUND = 6;
const NO_DRIVER = 9;
const LOST = 15;

const ok = (out: string): Answer => ({ out, code: 0 });

/** `-i 0`, `-i GPU-…`, `--id=00000000:1B:00.0`, a list of these; undefined where one is none of the cards. */
function select(view: View, ids: string): View | undefined {
	const cards = ids.split(',').map((id) => view.cards.find(({ index, card }) => id === String(index) || id === card.uuid || id.toUpperCase() === card.bus));
	return cards.includes(undefined) ? undefined : { ...view, cards: cards.flatMap((c) => (c === undefined ? [] : [c])) };
}

interface Options {
	readonly [flag: string]: string | true;
}

/** Flags with their values: `--query-gpu=a,b`, `-i 0`, `-q`. */
const VALUED = new Set(['-i', '--id', '-d', '--display', '-mig', '--multi-instance-gpu', '-l', '--loop', '-f', '--filename', '-pm', '-pl', '--format']);

function parse(args: readonly string[]): Options {
	const options: { [flag: string]: string | true } = {};
	for (let i = 0; i < args.length; i++) {
		const arg = args[i] ?? '';
		const eq = arg.indexOf('=');
		if (eq > 0) options[arg.slice(0, eq)] = arg.slice(eq + 1);
		else if (VALUED.has(arg)) {
			i++;
			options[arg] = args[i] ?? '';
		} else options[arg] = true;
	}
	return options;
}

const text = (value: string | true | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
const KNOWN = new Set([...VALUED, '-L', '--list-gpus', '-q', '--query', '--query-gpu', '--query-compute-apps', '--version', '-h', '--help', 'mig', 'topo']);

function query(view: View, options: Options): Answer {
	const gpu = text(options['--query-gpu']);
	const names = (gpu ?? text(options['--query-compute-apps']) ?? '').split(',').map((n) => n.trim());
	const format = parseFormat(text(options['--format']) ?? '');
	if (format === undefined) return { out: 'Error: "--format=" is required and takes csv, with noheader and nounits.\n', code: BAD_ARGUMENT };
	const result = gpu === undefined ? queryApps(view, names, format) : queryGpu(view, names, format);
	return 'unknown' in result ? { out: `Field "${result.unknown}" is not a valid field to query.\n\n`, code: BAD_ARGUMENT } : ok(result.text);
}

/** What a command line prints. */
export function nvidiaSmi(view: View | undefined, args: readonly string[]): Answer {
	if (view === undefined) {
		return {
			out: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n",
			code: NO_DRIVER,
		};
	}
	if (view.cards.length === 0) return { out: 'No devices were found\n', code: NOT_FOUND };
	const options = parse(args);
	const unknown = Object.keys(options).find((o) => args[0] !== 'mig' && !KNOWN.has(o));
	if (unknown !== undefined) {
		return { out: `Invalid combination of input arguments. Please run 'nvidia-smi -h' for help.\n\n`, code: 1 };
	}
	const ids = text(options['-i']) ?? text(options['--id']);
	const seen = ids === undefined ? view : select(view, ids);
	if (seen === undefined) return { out: 'No devices were found\n', code: NOT_FOUND };
	if (options['--version'] !== undefined) {
		return ok(
			`NVIDIA-SMI version  : ${DRIVER_VERSION}\nNVML version        : ${DRIVER_VERSION.split('.').slice(0, 2).join('.')}\nDRIVER version      : ${DRIVER_VERSION}\nCUDA Version        : 13.0\n`,
		);
	}
	if (options['-L'] !== undefined || options['--list-gpus'] !== undefined) return ok(list(seen));
	if (args[0] === 'mig') return migCommand(seen, args.slice(1));
	const mode = text(options['-mig']) ?? text(options['--multi-instance-gpu']);
	if (mode !== undefined) return migMode(seen, mode);
	const lost = seen.cards.find((c) => c.card.lost === true);
	if (lost !== undefined) {
		const bus = lost.card.bus.slice(4);
		return {
			out: `Unable to determine the device handle for GPU${lost.index}: ${bus}: Unknown Error\nNo devices were found\n`.replace(
				/No devices were found\n$/,
				seen.cards.length === 1 ? 'No devices were found\n' : '',
			),
			code: LOST,
		};
	}
	if (options['--query-gpu'] !== undefined || options['--query-compute-apps'] !== undefined) return query(seen, options);
	if (options['-q'] !== undefined || options['--query'] !== undefined) return ok(details(seen, text(options['-d']) ?? text(options['--display'])));
	return ok(table(seen));
}

/** The driver's tool; it never waits. */
export const nvidiaSmiProgram: Program<null> = {
	name: 'nvidia-smi',
	start(process) {
		process.data = null;
		const { out, code } = nvidiaSmi(viewOf(process), process.argv.slice(1));
		process.stdout(out);
		process.exit(code);
	},
};
