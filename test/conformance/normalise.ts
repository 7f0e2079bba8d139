/** Takes out of an output what differs between two runs of the same thing: times, uids, generated names, revisions. */
import type { Result } from '../../server/shell/commands/kubectl/testing.ts';

/** Letters of a generated suffix: apimachinery `util/rand` leaves out vowels and look-alikes. */
const SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]{5}';

const RULES: readonly (readonly [RegExp, string])[] = [
	[/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>'],
	[/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
	[/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000/g, '<time>'],
	// containerd's names.
	[/\b[0-9a-f]{64}\b/g, '<container id>'],
	// Temporary folders and file times of kubectl diff, and klog's line heads.
	[/\/tmp\/(LIVE|MERGED)-\d+/g, '/tmp/$1-<n>'],
	[/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000/g, '<time>'],
	// What client-go says about its own watches depends on the moment.
	[/^I\d{4} .*reflector\.go.*\n/gm, ''],
	// Input that client-go still copies once the command has ended: whether it is told of a closed stream depends on the moment, too.
	[/^E\d{4} .*"Unhandled Error" err="(?:write on closed stream \d+|websocket: close sent|.*use of closed network connection)".*\n/gm, ''],
	[/^[EW]\d{4} [\d:.]+ +\d+ /gm, '<klog> '],
	[/(resourceVersion"?: ?)"\d+"/g, '$1"<rv>"'],
	[/(ResourceVersion:\s+)\d+/g, '$1<rv>'],
	// Of the same length, so that columns stay where they are.
	[new RegExp(`(-[0-9a-z]{6,10})-${SUFFIX}\\b`, 'g'), '$1-?????'],
	[new RegExp(`\\bdebugger-${SUFFIX}\\b`, 'g'), 'debugger-?????'],
	[/https:\/\/127\.0\.0\.1:\d+/g, 'https://127.0.0.1:<port>'],
	[/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>'],
];

export function normalise(text: string): string {
	let out = text;
	for (const [pattern, by] of RULES) out = out.replace(pattern, by);
	return out;
}

export const normalised = (r: Result): Result => ({ stdout: normalise(r.stdout), stderr: normalise(r.stderr), code: r.code });

/** Parts of lists and lines in a fixed order, for outputs whose order is not. */
export function sorted(r: Result): Result {
	const by = (text: string): string =>
		text
			.split(/\n|; |, |\[|\]|Warning: /)
			.sort()
			.join('\n');
	return { stdout: by(r.stdout), stderr: by(r.stderr), code: r.code };
}
