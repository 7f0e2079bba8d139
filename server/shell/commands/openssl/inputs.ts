/** What openssl's subcommands read and write, and how they fail. */
import type { CommandContext } from '../../command.ts';
import { type Parsed, parse } from './certificate.ts';
import { unpem } from '../../../der.ts';

/** What a subcommand says on standard error before it ends with status 1. */
export class Fault extends Error {}

/** A file, or standard input where none or `-` is named. */
export async function readInput(c: CommandContext, path: string | undefined): Promise<string> {
	if (path !== undefined && path !== '-')
		return c.files.read(path).catch(() => {
			throw new Fault(`Can't open "${path}" for reading, No such file or directory`);
		});
	let all = c.io.stdin;
	for (let part = await c.io.read(); part !== null; part = await c.io.read()) all += part;
	return all;
}

/** Into a file, or on standard output where none or `-` is named. */
export async function writeOutput(c: CommandContext, path: string | undefined, content: string): Promise<void> {
	if (path === undefined || path === '-') c.io.stdout(content);
	else
		await c.files.write(path, content).catch((e: unknown) => {
			throw new Fault(`Can't open "${path}" for writing, ${e instanceof Error ? e.message : String(e)}`);
		});
}

/** The first certificate or request in a PEM text. `path` names it where there is none. */
export function certificate(content: string, path: string | undefined, kind: Parsed['kind']): Parsed {
	const der = unpem(content, kind === 'request' ? '(?:NEW )?CERTIFICATE REQUEST' : 'CERTIFICATE');
	const parsed = der === undefined ? undefined : parse(der, kind);
	if (parsed === undefined) throw new Fault(`Could not find ${kind === 'request' ? 'certificate request' : 'certificate'} from ${path ?? '<stdin>'}`);
	return parsed;
}

/** All certificates in a PEM text, in its order. `path` names it where one is broken. */
export const certificatesIn = (bundle: string, path?: string): Parsed[] =>
	(bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).map((block) => certificate(block, path, 'certificate'));

/** `name = value` lines of a section of a configuration; of the whole file where no section is named. */
export function section(config: string, wanted: string | undefined): readonly string[] {
	const out: string[] = [];
	let current = '';
	const sections = new Map<string, string[]>();
	for (const raw of config.split('\n')) {
		const line = raw.replace(/\s*#.*$/, '').trim();
		const head = /^\[\s*(.+?)\s*\]$/.exec(line)?.[1];
		if (head !== undefined) current = head;
		else if (line.includes('=')) sections.set(current, [...(sections.get(current) ?? []), line]);
	}
	for (const line of sections.get(wanted ?? '') ?? []) {
		// `subjectAltName = @alt_names` names a section of alternatives.
		const reference = /=\s*@(\S+)$/.exec(line)?.[1];
		if (reference === undefined) out.push(line);
		else out.push(`${line.slice(0, line.indexOf('='))}=${(sections.get(reference) ?? []).map((l) => l.replace(/^(\w+)\.?\d*\s*=\s*/, '$1:')).join(',')}`);
	}
	return out;
}
