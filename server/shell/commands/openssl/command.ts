/** `openssl`: the subcommands with which people make keys, requests and certificates for Kubernetes, and read them. */
import type { Command, CommandContext } from '../../command.ts';
import { dgst, enc, rand } from './bytes.ts';
import { Fault } from './inputs.ts';
import { ecparam, genpkey, genrsa, pkey } from './keys.ts';
import { type Options, optionsOf } from './options.ts';
import { req } from './req.ts';
import { sClient } from './s-client.ts';
import { verifyChain } from './verify.ts';
import { x509 } from './x509.ts';

const SUBCOMMANDS: { readonly [name: string]: (c: CommandContext, o: Options) => Promise<number> } = {
	genrsa,
	genpkey,
	ecparam,
	rsa: pkey,
	ec: pkey,
	pkey,
	req,
	x509,
	verify: verifyChain,
	rand,
	enc,
	base64: (c, o) => enc(c, { ...o, has: (n) => n === 'base64' || o.has(n) }),
	dgst,
	s_client: sClient,
	version: async (c) => {
		c.io.stdout('OpenSSL 3.5.0 8 Apr 2025 (Library: OpenSSL 3.5.0 8 Apr 2025)\n');
		return 0;
	},
};

export const openssl: Command = {
	name: 'openssl',
	summary: 'make and read keys, certificate requests and certificates',
	help: `Usage: openssl COMMAND [OPTIONS]
  genrsa [-out F] [BITS]      genpkey -algorithm RSA|EC|ED25519 [-out F]     ecparam -name CURVE -genkey
  req -new -key K -subj /CN=jane/O=dev [-addext subjectAltName=DNS:a] -out F.csr     req -in F.csr -noout -text
  req -x509 -newkey rsa:2048 -nodes -keyout K -out C -days 365 -subj /CN=host
  x509 -in C -noout -text|-subject|-issuer|-dates|-serial|-ext NAME|-checkend SECONDS
  x509 -req -in F.csr -CA CA -CAkey K [-days N] [-extfile F] -out C     verify -CAfile CA C
  s_client -connect HOST:PORT [-servername NAME] [-showcerts]
  rand -hex|-base64 BYTES     base64 [-d] [-in F]     dgst -sha256 F     rsa|ec|pkey -in K [-pubout] [-check]     version
`,
	async run(args, context) {
		const [subcommand, ...rest] = args;
		const run = subcommand === undefined ? undefined : Object.hasOwn(SUBCOMMANDS, subcommand) ? SUBCOMMANDS[subcommand] : undefined;
		if (run === undefined) {
			if (subcommand === undefined || subcommand === 'help') context.io.stdout(openssl.help);
			else context.io.stderr(`Invalid command '${subcommand}'; type "help" for a list.\n`);
			return subcommand === undefined || subcommand === 'help' ? 0 : 1;
		}
		try {
			return await run(context, optionsOf(rest));
		} catch (e) {
			if (!(e instanceof Fault)) throw e;
			context.io.stderr(`${e.message}\n`);
			return 1;
		}
	},
};
