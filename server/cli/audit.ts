/** `npm run audit`: who saw or changed what. */
import { join, resolve } from 'node:path';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { type AuditFilter, checkAudit, readAudit } from '../people/audit.ts';
import { auditQuerySchema } from '../protocol/people.ts';
import { defaultDataFolder } from './data-folder.ts';
import { readFlags } from './flags.ts';

const HELP = `npm run audit -- [--person ID] [--since DATE] [--action WORDS] [--json] [--data PATH]

Prints the audit trail, oldest first: time, who, what, of whom. Ends with exit code 1 where the trail does not hold (lines are missing or
were changed). The server may go on running.
`;

export async function audit(root: string, args: readonly string[]): Promise<number> {
	const flags = readFlags(args, {
		person: { type: 'string' },
		since: { type: 'string' },
		action: { type: 'string' },
		json: { type: 'boolean' },
		data: { type: 'string' },
		help: { type: 'boolean' },
	});
	if (flags.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const folder = join(resolve(flags.data ?? defaultDataFolder(root)), 'audit');
	const asked = auditQuerySchema.safeParse({ person: flags.person, since: flags.since, action: flags.action });
	if (!asked.success) throw fault('flag-wrong', { why: '--since takes a date (2026-03-01) or a time (2026-03-01T09:00:00Z)' });
	const filter: AuditFilter = asked.data;
	const entries = await readAudit(folder, filter, LIMITS.auditLines * LIMITS.auditFiles);
	for (const { at, actor, action, person = '', object = '', detail = '', seq } of [...entries].reverse())
		process.stdout.write(
			flags.json
				? `${JSON.stringify({ seq, at, actor, action, person, object, detail })}\n`
				: `${at}  ${(actor || 'command line').padEnd(18)} ${action.padEnd(22)} ${person.padEnd(18)} ${[object, detail].filter(Boolean).join(' ')}`.trimEnd() +
						'\n',
		);
	const { entries: lines, broken } = await checkAudit(folder);
	process.stderr.write(broken === undefined ? `${lines} lines; the trail holds.\n` : `The trail does not hold: ${broken}.\n`);
	return broken === undefined ? 0 : 1;
}
