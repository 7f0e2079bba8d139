/** `5`, `0.5`, `1m`, `2h`, `1d`, `infinity` → seconds; undefined where it is none. */
export function seconds(text: string): number | undefined {
	if (/^inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
	const m = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text);
	if (m === null) return undefined;
	return Number(m[1]) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[m[2] ?? ''] ?? 1);
}
