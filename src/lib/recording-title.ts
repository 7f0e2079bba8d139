/** A recording's name as people know it: `t2` is terminal 2, `t2.1` the first one of that name that was closed. */
export function recordingTitle(name: string): string {
	const [, terminal = name, closed] = /^t?([^.]*)(?:\.(\d+))?$/.exec(decodeURIComponent(name)) ?? [];
	return `Terminal ${terminal}${closed === undefined ? '' : ` (closed, ${closed})`}`;
}
