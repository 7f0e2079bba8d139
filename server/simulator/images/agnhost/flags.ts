/** Flags of agnhost's subcommands, as cobra reads them. */

/** `--name=value` or `--name value`, also by its one-letter form; `otherwise` where it is not given. */
export function flag(argv: readonly string[], name: string, otherwise: string, short?: string): string {
	for (const [i, arg] of argv.entries()) {
		if (arg === `--${name}` || (short !== undefined && arg === `-${short}`)) return argv[i + 1] ?? otherwise;
		if (arg.startsWith(`--${name}=`)) return arg.slice(name.length + 3);
	}
	return otherwise;
}

const UNITS: { readonly [unit: string]: number } = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A Go duration in ms; undefined where it is none. */
export function goDuration(text: string): number | undefined {
	if (text === '0') return 0;
	if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
	return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * (UNITS[unit ?? ''] ?? 0), 0);
}
