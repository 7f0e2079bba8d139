/** How a team's server is configured: a file (YAML or JSON) and the environment, which wins. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { fault } from '../errors/catalogue.ts';

const isLoopback = (url: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);

/** https, except on this machine alone, where there is nobody in between. */
const address = z
	.url({ protocol: /^https?$/ })
	.transform((text) => new URL(text))
	.refine((url) => url.protocol === 'https:' || isLoopback(url), { message: 'has to begin with https://' });

const teamSchema = z.strictObject({
	issuer: address,
	clientId: z.string().min(1),
	clientSecret: z.string().min(1),
	/** Where browsers reach this server: scheme, host and port of the TLS proxy. */
	publicUrl: address.refine((url) => url.pathname === '/' && url.search === '' && url.hash === '', { message: 'is scheme, host and port, without a path' }),
	/** Verified e-mail addresses or subjects that are administrators from their first sign-in on. */
	admins: z.array(z.string().min(1)).min(1),
	/** `issuer`: everyone whom the issuer vouches for. `invited`: admins, and whoever holds an invitation. */
	admit: z.enum(['issuer', 'invited']).default('issuer'),
	/** Address to listen on. */
	listen: z.string().min(1).default('127.0.0.1'),
});
export type Team = z.infer<typeof teamSchema>;

/** Name in the environment of each setting. */
const NAMES = {
	issuer: 'FOOTHOLD_OIDC_ISSUER',
	clientId: 'FOOTHOLD_OIDC_CLIENT_ID',
	clientSecret: 'FOOTHOLD_OIDC_CLIENT_SECRET',
	publicUrl: 'FOOTHOLD_PUBLIC_URL',
	admins: 'FOOTHOLD_ADMINS',
	admit: 'FOOTHOLD_ADMIT',
	listen: 'FOOTHOLD_LISTEN',
} as const satisfies { readonly [setting in keyof Team]: string };

type Environment = { readonly [name: string]: string | undefined };

/** The team's configuration; undefined where neither file nor environment asks for team mode. Rejects with `team-invalid`, which never holds the secret. */
export async function readTeam(file: string | undefined, environment: Environment): Promise<Team | undefined> {
	if (file === undefined && environment[NAMES.issuer] === undefined) return undefined;
	const given = { ...(file === undefined ? {} : await fromFile(file)), ...fromEnvironment(environment) };
	const parsed = teamSchema.safeParse(given);
	if (parsed.success) return parsed.data;
	const why = parsed.error.issues.map((issue) => {
		const [setting] = issue.path;
		const name = typeof setting === 'string' && setting in NAMES ? `${setting} (${NAMES[setting as keyof Team]})` : String(setting ?? '');
		return `${name} ${issue.message}`.trim();
	});
	throw fault('team-invalid', { file: file ?? 'the environment', why: why.join('; ') });
}

async function fromFile(file: string): Promise<object> {
	const text = await readFile(file, 'utf8').catch((error: unknown) => {
		throw fault('team-invalid', { file, why: error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read' }, error);
	});
	let value: unknown;
	try {
		value = parse(text);
	} catch {
		// The parser's own message quotes lines, and one of them may hold the secret.
		throw fault('team-invalid', { file, why: 'it is neither YAML nor JSON' });
	}
	if (typeof value === 'object' && value !== null) return value;
	throw fault('team-invalid', { file, why: 'it holds no settings' });
}

function fromEnvironment(environment: Environment): object {
	const settings: Record<string, unknown> = {};
	for (const [setting, name] of Object.entries(NAMES)) {
		const value = environment[name];
		if (value === undefined || value === '') continue;
		settings[setting] = setting === 'admins' ? value.split(',').flatMap((one) => one.trim() || []) : value;
	}
	return settings;
}
