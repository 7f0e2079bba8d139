import type { Process } from '../program.ts';

/** `--name=value` or `--name value`; '' where the flag is missing. */
function flag(argv: readonly string[], name: string): string {
	const at = argv.findIndex((a) => a === `--${name}` || a.startsWith(`--${name}=`));
	const found = argv[at] ?? '';
	return at === -1 ? '' : found.includes('=') ? found.slice(found.indexOf('=') + 1) : (argv[at + 1] ?? '');
}

/** Serves https on `--port` (443) with the certificate of `--tls-cert-file` and `--tls-private-key-file`; ends the process where it cannot. */
export function startTls<D>(process: Process<D>): void {
	for (const name of ['tls-cert-file', 'tls-private-key-file']) {
		const file = flag(process.argv, name);
		if (process.fs.read(file).ok) continue;
		process.stderr(`F       1 config.go:48] open ${file}: no such file or directory\n`);
		process.exit(255);
		return;
	}
	const port = Number(flag(process.argv, 'port') || 443);
	if (process.listen(port, { tls: true })) return;
	process.stderr(`panic: listen tcp :${port}: bind: permission denied\n`);
	process.exit(2);
}
