/**
 * What happened in a sandbox, as rows that a postmortem or memo can cite: command lines from its journal, the cluster's warnings,
 * and what was measured. All of it comes from the sandbox itself; a learner's files have no part in it.
 */
import { LIMITS } from '../limits.ts';
import type { AttemptFacts } from '../protocol/progress.ts';
import type { HostedSandbox } from '../sandboxes/hosted.ts';
import type { CommandRecord } from '../sandboxes/sandbox.ts';
import { Masker, type Secrets } from '../terminal/masker.ts';

/** Lines that only move about or look at one's own files tell nothing about an incident. */
const IDLE = /^\s*(?:ls|cd|pwd|clear|cat|less|more|head|tail|echo|history|exit|logout|man|help|vi|vim|nano|tree|alias|export|set|type|which)\b|^\s*$|--help\b/;
/** Looking at the system rather than changing it. */
const LOOKING =
	/^\s*(?:sudo\s+)?(?:kubectl|k)\s+(?:.*\s)?(?:get|describe|logs|top|events|explain|auth|version|cluster-info|diff)\b|^\s*(?:curl|wget|dig|nslookup|ping|ss|ip|ps|top|df|free|nvidia-smi|vllm|guidellm)\b/;

const iso = (ms: number): string => new Date(ms).toISOString();

export async function attemptFacts(sandbox: Pick<HostedSandbox, 'journal' | 'observer'>, secrets: Secrets): Promise<AttemptFacts> {
	const commands = await sandbox.journal.commands();
	return {
		events: [...commandEvents(commands, secrets), ...(await warnings(sandbox.observer))].sort((a, b) => a.at.localeCompare(b.at)),
		runs: commands
			.flatMap(({ at, measured = [] }) => measured.map(({ label, figures }) => ({ at: iso(at), label, figures: { ...figures } })))
			.slice(-LIMITS.attemptRuns),
	};
}

/** The same line again and again is one event: the first time. */
function commandEvents(commands: readonly CommandRecord[], secrets: Secrets): AttemptFacts['events'] {
	const told = commands.filter(({ line }, i) => !IDLE.test(line) && line !== commands[i - 1]?.line).slice(-LIMITS.attemptCommands);
	return told.map(({ at, line, exitCode }) => {
		const masker = new Masker(secrets);
		const text = `${masker.take(line)}${masker.end()}`.replace(/\s+/g, ' ').trim().slice(0, LIMITS.attemptLine);
		return {
			at: iso(at),
			what: `$ ${text}${exitCode === 0 ? '' : ` (exit ${exitCode})`}`,
			type: LOOKING.test(line) ? ('detect' as const) : ('action' as const),
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
