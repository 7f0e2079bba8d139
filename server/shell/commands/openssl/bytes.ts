/** openssl rand, enc -base64 and dgst: bytes, random, written out, and their digests. */
import { createHash, randomBytes } from 'node:crypto';
import { bytesFromText, textFromBytes } from '../../bytes.ts';
import type { CommandContext } from '../../command.ts';
import { Fault, readInput, writeOutput } from './inputs.ts';
import type { Options } from './options.ts';

/** Prints random bytes: plain, in hexadecimal or in base64. */
export async function rand(c: CommandContext, o: Options): Promise<number> {
	const count = Number(o.rest.at(-1));
	if (!Number.isInteger(count) || count < 1 || count > 1_000_000) throw new Fault('rand: Use -help for summary. (from 1 to 1000000 bytes here)');
	const bytes = randomBytes(count);
	const content = o.has('hex')
		? `${bytes.toString('hex')}\n`
		: o.has('base64')
			? `${bytes.toString('base64').replace(/(.{64})(?!$)/g, '$1\n')}\n`
			: textFromBytes(bytes);
	await writeOutput(c, o.get('out'), content);
	return 0;
}

/** `enc -base64` and `base64`. Ciphers of files are no use here. */
export async function enc(c: CommandContext, o: Options): Promise<number> {
	if (!o.has('base64') && !o.has('a')) throw new Fault('enc: only -base64 (-a) is here');
	const content = await readInput(c, o.get('in'));
	if (o.has('d')) await writeOutput(c, o.get('out'), textFromBytes(Buffer.from(content, 'base64')));
	else {
		const encoded = bytesFromText(content).toString('base64');
		await writeOutput(c, o.get('out'), `${o.has('A') ? encoded : encoded.replace(/(.{64})(?!$)/g, '$1\n')}${o.has('A') ? '' : '\n'}`);
	}
	return 0;
}

/** Prints the digest of each file. */
export async function dgst(c: CommandContext, o: Options): Promise<number> {
	const algorithm = ['sha1', 'sha256', 'sha384', 'sha512', 'md5'].find((a) => o.has(a)) ?? 'sha256';
	for (const path of o.rest.length === 0 ? [undefined] : o.rest) {
		const digest = createHash(algorithm)
			.update(bytesFromText(await readInput(c, path)))
			.digest('hex');
		c.io.stdout(`${algorithm.toUpperCase().replace('SHA', 'SHA2-').replace('SHA2-1', 'SHA1')}(${path ?? 'stdin'})= ${digest}\n`);
	}
	return 0;
}
