/** base64: text from and to its 64 characters. */
import { base64Bytes, toBase64Bytes } from '../../apiserver/base64.ts';
import { decodeBytes, encodeText } from '../../storage-volumes/bytes.ts';
import { inputs } from './inputs.ts';
import { options, type Utility } from './utility.ts';

/** Base64 of bytes. */
export const toBase64 = (bytes: Uint8Array): string => toBase64Bytes(Array.from(bytes));

/** Decodes to text, bytes read as UTF-8; undefined where it is no base64. */
function fromBase64(text: string): string | undefined {
	const bytes = base64Bytes(text.replace(/\s+/g, ''));
	return bytes === undefined ? undefined : decodeBytes(Uint8Array.from(bytes));
}

export const base64: Utility = (c) => {
	const o = options(c.args, 'di', 'w', { decode: 'd', wrap: 'w' });
	const { texts, failed } = inputs(c, o.rest);
	for (const { text } of texts) {
		if (o.given['d'] !== undefined) {
			const decoded = fromBase64(text);
			if (decoded === undefined) {
				c.err(c.busybox ? 'base64: truncated input\n' : 'base64: invalid input\n');
				return 1;
			}
			c.out(decoded);
			continue;
		}
		const width = Number(o.given['w'] ?? 76);
		const encoded = toBase64(encodeText(text));
		c.out(width === 0 ? encoded : `${encoded.replace(new RegExp(`.{${width}}(?=.)`, 'g'), '$&\n')}\n`);
	}
	return failed > 0 ? 1 : 0;
};
