/** md5sum, sha1sum, sha256sum and sha512sum. */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { encodeText } from '../../storage-volumes/bytes.ts';
import { inputs } from './inputs.ts';
import type { Utility } from './utility.ts';

export const sum: Utility = (c) => {
	const hash = { md5sum: md5, sha1sum: sha1, sha256sum: sha256, sha512sum: sha512 }[c.name] ?? sha256;
	const { texts, failed } = inputs(
		c,
		c.args.filter((a) => !a.startsWith('-') || a === '-'),
	);
	for (const { file, text } of texts) c.out(`${bytesToHex(hash(encodeText(text)))}  ${file}\n`);
	return failed > 0 ? 1 : 0;
};
