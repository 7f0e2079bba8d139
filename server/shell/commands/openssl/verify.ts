/** openssl verify: whether certificates hold under an authority. */
import type { CommandContext } from '../../command.ts';
import { isSignedBy } from './certificate.ts';
import { certificate, certificatesIn, readInput } from './inputs.ts';
import { nameText } from './names.ts';
import type { Options } from './options.ts';

/** Says of each certificate named whether one of the known ones signed it. Status 2 where one fails. */
export async function verifyChain(c: CommandContext, o: Options): Promise<number> {
	const bundle = o.get('CAfile') === undefined ? '' : await readInput(c, o.get('CAfile'));
	const untrusted = o.get('untrusted') === undefined ? '' : await readInput(c, o.get('untrusted'));
	const known = certificatesIn(`${bundle}\n${untrusted}`);
	let status = 0;
	for (const path of o.rest) {
		const p = certificate(await readInput(c, path), path, 'certificate');
		const by = known.find((k) => k.subject !== undefined && p.issuer !== undefined && k.subject.whole.equals(p.issuer.whole) && isSignedBy(p, k.publicKey));
		const now = c.clock.now();
		const fault =
			p.until < now
				? [10, 'certificate has expired']
				: p.from > now
					? [9, 'certificate is not yet valid']
					: by !== undefined
						? undefined
						: isSignedBy(p, p.publicKey)
							? [18, 'self-signed certificate']
							: [20, 'unable to get local issuer certificate'];
		if (fault === undefined) c.io.stdout(`${path}: OK\n`);
		else {
			c.io.stderr(`${nameText(p.subject)}\nerror ${fault[0]} at 0 depth lookup: ${fault[1]}\nerror ${path}: verification failed\n`);
			status = 2;
		}
	}
	return status;
}
