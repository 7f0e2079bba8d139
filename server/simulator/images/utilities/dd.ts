/** dd: copies blocks, and tells how many. */
import { resolvePath, type Utility } from './utility.ts';

export const dd: Utility = (c) => {
	const value = (key: string): string | undefined => c.args.find((a) => a.startsWith(`${key}=`))?.slice(key.length + 1);
	const size = (text: string): number =>
		Number.parseInt(text, 10) * ({ k: 1024, K: 1024, M: 1_048_576, G: 1_073_741_824 }[/[kKMG]/.exec(text)?.[0] ?? ''] ?? 1);
	const bytes = size(value('bs') ?? '512') * Number(value('count') ?? 1);
	const input = value('if');
	// Zeroes are kept as short as they may be: files live in memory.
	const source = input === '/dev/zero' || input === '/dev/urandom' ? '\0'.repeat(Math.min(bytes, 4 * 1_048_576)) : input === undefined ? c.stdin() : undefined;
	const read = source === undefined ? c.process.fs.read(resolvePath(c.cwd, input ?? '')) : { ok: true as const, value: source };
	if (!read.ok) {
		c.err(`dd: can't open '${input}': No such file or directory\n`);
		return 1;
	}
	const output = value('of');
	if (output === undefined) c.out(read.value);
	else {
		const written = c.process.fs.write(resolvePath(c.cwd, output), read.value);
		if (!written.ok) {
			c.err(
				`dd: ${c.busybox ? `can't open '${output}'` : `failed to open '${output}'`}: ${written.error === 'EROFS' ? 'Read-only file system' : written.error === 'ENOSPC' ? 'No space left on device' : 'Permission denied'}\n`,
			);
			return 1;
		}
	}
	const count = value('count') ?? '1';
	c.err(
		`${count}+0 records in\n${count}+0 records out\n${bytes} bytes (${(bytes / 1_048_576).toFixed(1)}MB) copied, 0.001 seconds, ${(bytes / 1048.576).toFixed(1)}MB/s\n`,
	);
	return 0;
};
