/**
 * What happened in a sandbox, as rows that a postmortem or memo can cite: command lines from its journal, the cluster's warnings,
 * and what was measured. All of it comes from the sandbox itself; a learner's files have no part in it.
 */
import { LIMITS } from '../limits.ts';
import type { AttemptFacts } from '../protocol/progress.ts';
import type { HostedSandbox } from '../sandboxes/hosted.ts';
import type { CommandRecord } from '../sandboxes/sandbox.ts';
import { Masker, type Secrets } from '../terminal/masker.ts';

/** Commands that only move about, look at one's own files or filter what others print tell nothing about an incident. */
const IDLE =
	/^\s*(?:ls|cd|pwd|clear|cat|less|more|head|tail|grep|wc|sort|uniq|cut|tr|jq|yq|echo|history|exit|logout|man|help|vi|vim|nano|tree|alias|export|set|type|which)\b|^\s*$|--help\b/;
/** Looking at the system rather than changing it. */
const LOOKING =
	/^\s*(?:sudo\s+)?(?:kubectl|k)\s+(?:.*\s)?(?:get|describe|logs|top|events|explain|auth|version|cluster-info|diff)\b|^\s*(?:curl|wget|dig|nslookup|ping|ss|ip|ps|top|df|free|nvidia-smi|vllm|guidellm)\b/;

/** What stands in quotes is no command; neither is a here-document, of which the first line alone is looked at. */
const QUOTED = /'[^']*'|"[^"]*"/g;

/** The commands of a line: `cd app && kubectl apply -f .` is two, and so is `cat app.yaml | kubectl apply -f -`. */
function partsOf(line: string): string[] {
	const [first = ''] = line.includes('<<') ? line.split('\n', 1) : [line];
	return first.replace(QUOTED, '""').split(/[;|&\n]+/);
}

const tells = (line: string): boolean => partsOf(line).some((part) => !IDLE.test(part));
const onlyLooks = (line: string): boolean => partsOf(line).every((part) => IDLE.test(part) || LOOKING.test(part));

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * `now`: ms since the epoch, the clock on the wall. A sandbox's clock stands behind it where the sandbox waited or began as a copy of
 * an older one; its rows are moved on by as much, since what else is recorded of an attempt has the wall's times.
 */
export async function attemptFacts(sandbox: Pick<HostedSandbox, 'journal' | 'observer' | 'clock'>, secrets: Secrets, now: number): Promise<AttemptFacts> {
	const behind = Math.max(0, now - sandbox.clock.now());
	const commands = await sandbox.journal.commands();
	const events = [...commandEvents(commands, secrets), ...(await warnings(sandbox.observer))];
	const runs = commands.flatMap(({ at, measured = [] }) => measured.map(({ label, figures }) => ({ at: iso(at), label, figures: { ...figures } })));
	const moved = <T extends { readonly at: string }>(row: T): T => ({ ...row, at: iso(Date.parse(row.at) + behind) });
	return { events: events.map(moved).sort((a, b) => a.at.localeCompare(b.at)), runs: runs.slice(-LIMITS.attemptRuns).map(moved) };
}

/** The same line again and again is one event: the first time. */
function commandEvents(commands: readonly CommandRecord[], secrets: Secrets): AttemptFacts['events'] {
	const told = commands.filter(({ line }, i) => tells(line) && line !== commands[i - 1]?.line).slice(-LIMITS.attemptCommands);
	return told.map(({ at, line, exitCode }) => {
		const masker = new Masker(secrets);
		const text = `${masker.take(line)}${masker.end()}`.replace(/\s+/g, ' ').trim().slice(0, LIMITS.attemptLine);
		return {
			at: iso(at),
			what: `$ ${text}${exitCode === 0 ? '' : ` (exit ${exitCode})`}`,
			type: onlyLooks(line) ? ('detect' as const) : ('action' as const),
		};
	});
}

interface WarningEvent {
	readonly type?: string;
	readonly reason?: string;
	readonly message?: string;
	readonly count?: number;
	readonly firstTimestamp?: string | null;
	readonly eventTime?: string | null;
	readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
}

/** The newest of the cluster's Warning events; none where they cannot be read. */
async function warnings(cluster: HostedSandbox['observer']): Promise<AttemptFacts['events']> {
	const answer = await cluster.fetch(new Request('http://cluster/api/v1/events?fieldSelector=type%3DWarning', { headers: { accept: 'application/json' } }));
	if (!answer.ok) return [];
	const { items = [] } = (await answer.json()) as { readonly items?: readonly WarningEvent[] };
	return items
		.flatMap(({ reason = '', message = '', count = 1, firstTimestamp, eventTime, involvedObject: about = {} }) => {
			const at = firstTimestamp ?? eventTime ?? undefined;
			if (at === undefined) return [];
			const what = `${about.kind} ${about.namespace === undefined ? '' : `${about.namespace}/`}${about.name}: ${reason}: ${message}`;
			return [
				{
					at: new Date(at).toISOString(),
					what: `${what.replace(/\s+/g, ' ').slice(0, LIMITS.attemptLine)}${count > 1 ? ` (${count} times)` : ''}`,
					type: 'detect' as const,
				},
			];
		})
		.sort((a, b) => a.at.localeCompare(b.at))
		.slice(-LIMITS.attemptWarnings);
}
