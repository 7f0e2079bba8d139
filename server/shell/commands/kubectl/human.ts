/** Times, durations and sizes as kubectl words them (apimachinery duration.HumanDuration, resource.Quantity). */

/** `5m3s`, `2d4h`, as ages are printed. `ms` below zero prints `<invalid>`. */
export function humanDuration(ms: number): string {
	const seconds = Math.trunc(ms / 1000);
	if (seconds < -1) return '<invalid>';
	if (seconds < 0) return '0s';
	if (seconds < 120) return `${seconds}s`;
	const minutes = Math.trunc(seconds / 60);
	if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
	if (minutes < 180) return `${minutes}m`;
	const hours = Math.trunc(minutes / 60);
	if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
	if (hours < 48) return `${hours}h`;
	if (hours < 192) return hours % 24 === 0 ? `${Math.trunc(hours / 24)}d` : `${Math.trunc(hours / 24)}d${hours % 24}h`;
	if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24)}d`;
	const days = Math.trunc(hours / 24);
	if (hours < 24 * 365 * 8) return days % 365 === 0 ? `${Math.trunc(days / 365)}y` : `${Math.trunc(days / 365)}y${days % 365}d`;
	return `${Math.trunc(days / 365)}y`;
}

/** Age of an RFC 3339 time at `now` (ms), `<unknown>` where there is none. */
export function age(time: string | undefined | null, now: number): string {
	if (time === undefined || time === null || time === '') return '<unknown>';
	return humanDuration(now - Date.parse(time));
}

/** Go's RFC1123Z in UTC: `Mon, 02 Jan 2006 15:04:05 +0000`. */
export function rfc1123(time: string | undefined | null): string {
	if (time === undefined || time === null || time === '') return 'Mon, 01 Jan 0001 00:00:00 +0000';
	return new Date(time).toUTCString().replace('GMT', '+0000');
}

/** Go's Duration.String for whole seconds: `1h0m0s`, `30s`. */
export function goDuration(seconds: number): string {
	const s = Math.trunc(seconds);
	if (s === 0) return '0s';
	const h = Math.trunc(s / 3600);
	const m = Math.trunc((s % 3600) / 60);
	return `${h > 0 ? `${h}h` : ''}${h > 0 || m > 0 ? `${m}m` : ''}${s % 60}s`;
}

/** A sum written the way the parts were: `750m`, `1Gi`, `70Mi`. `like` gives the family of suffixes. */
export function formatQuantity(value: number, like: 'cpu' | 'binary' | 'decimal'): string {
	if (like === 'cpu') {
		const milli = Math.round(value * 1000);
		return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
	}
	if (value === 0) return '0';
	const steps: readonly [string, number][] =
		like === 'binary'
			? [
					['Ei', 2 ** 60],
					['Pi', 2 ** 50],
					['Ti', 2 ** 40],
					['Gi', 2 ** 30],
					['Mi', 2 ** 20],
					['Ki', 1024],
				]
			: [
					['E', 1e18],
					['P', 1e15],
					['T', 1e12],
					['G', 1e9],
					['M', 1e6],
					['k', 1e3],
				];
	for (const [suffix, unit] of steps) if (value % unit === 0) return `${value / unit}${suffix}`;
	return String(value);
}
