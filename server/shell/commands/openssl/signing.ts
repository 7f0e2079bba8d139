/** What goes into a certificate or a request: names, extensions, serial numbers. */
import { randomBytes } from 'node:crypto';
import { encodeExtension } from './extensions.ts';
import { Fault } from './inputs.ts';
import { encodeName } from './names.ts';

/** A subject as `/CN=jane/O=dev`, in DER. */
export function name(subject: string): Buffer {
	const encoded = encodeName(subject);
	if (typeof encoded === 'string') throw new Fault(`req: ${encoded}`);
	return encoded;
}

/** Extensions as lines of a configuration (`name=value`), in DER. */
export function extensions(lines: readonly string[]): Buffer[] {
	return lines.map((line) => {
		const encoded = encodeExtension(line);
		if (typeof encoded === 'string') throw new Fault(`Error adding extensions: ${encoded}`);
		return encoded;
	});
}

/** A serial number as given in hexadecimal; without one 20 random bytes that stand for a positive number. */
export const serialOf = (given: string | undefined): Buffer => {
	if (given !== undefined)
		return Buffer.from(
			given
				.replace(/^0x/, '')
				.padStart(2, '0')
				.replace(/^(.(..)*)$/, '0$1'),
			'hex',
		);
	const serial = randomBytes(20);
	serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
	return serial;
};
