/** printf(1). */
import { escapes } from '../utilities/escapes.ts';

export function printfText(format: string, args: readonly string[]): { readonly text: string; readonly errors: readonly string[] } {
	const errors: string[] = [];
	let out = '';
	let at = 0;
	const next = (): string | undefined => args[at++];
	const number = (text: string | undefined): number => {
		if (text === undefined || text === '') return 0;
		if (/^['"]/.test(text)) return text.codePointAt(1) ?? 0;
		const value = Number(text);
		if (Number.isNaN(value)) errors.push(`${text}: invalid number`);
		return Number.isNaN(value) ? 0 : value;
	};
	const source = /%(%|[-+ 0#]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[a-zA-Z])|(\\(?:0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.))|([^%\\]+|[%\\])/gs;
	do {
		const before = at;
		for (const m of format.matchAll(source)) {
			const [, spec, escaped, plain] = m;
			if (plain !== undefined) out += plain;
			else if (escaped !== undefined) {
				const e = escapes(escaped);
				if (e.stop) return { text: out, errors };
				out += e.text;
			} else if (spec === '%') out += '%';
			else if (spec !== undefined) out += convert(spec, next, number);
		}
		if (at === before) break;
	} while (at < args.length);
	return { text: out, errors };
}

function convert(spec: string, next: () => string | undefined, number: (text: string | undefined) => number): string {
	const m = /^([-+ 0#]*)(\d+|\*)?(?:\.(\d+|\*))?([a-zA-Z])$/.exec(spec);
	const flags = m?.[1] ?? '';
	const width = m?.[2] === '*' ? number(next()) : Number(m?.[2] ?? 0);
	const precision = m?.[3] === undefined ? undefined : m[3] === '*' ? number(next()) : Number(m[3]);
	let text: string;
	switch (m?.[4]) {
		case 'd':
		case 'i':
		case 'u': {
			const value = Math.trunc(number(next()));
			const digits = String(Math.abs(value)).padStart(precision ?? 0, '0');
			text = `${value < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''}${digits}`;
			break;
		}
		case 'x':
			text = Math.trunc(number(next())).toString(16);
			break;
		case 'X':
			text = Math.trunc(number(next())).toString(16).toUpperCase();
			break;
		case 'o':
			text = Math.trunc(number(next())).toString(8);
			break;
		case 'f':
		case 'F':
			text = number(next()).toFixed(precision ?? 6);
			break;
		case 'e':
			text = number(next())
				.toExponential(precision ?? 6)
				.replace(/e([+-])(\d)$/, 'e$10$2');
			break;
		case 'g':
			text = String(Number(number(next()).toPrecision(precision ?? 6)));
			break;
		case 'c':
			text = (next() ?? '').slice(0, 1);
			break;
		case 'b':
			text = escapes(next() ?? '').text;
			break;
		default:
			text = (next() ?? '').slice(0, precision);
	}
	if (flags.includes('-')) return text.padEnd(width);
	if (flags.includes('0') && !'sbc'.includes(m?.[4] ?? '')) {
		const sign = /^[+-]/.exec(text)?.[0] ?? '';
		return sign + text.slice(sign.length).padStart(width - sign.length, '0');
	}
	return text.padStart(width);
}
