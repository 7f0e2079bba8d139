/** What is wrong with a cron schedule, in the words of robfig/cron v3's standard parser. */

interface Bounds {
	readonly min: number;
	readonly max: number;
	readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Bounds[] = [
	{ min: 0, max: 59 },
	{ min: 0, max: 23 },
	{ min: 1, max: 31 },
	{ min: 1, max: 12, names: ['', ...MONTHS] },
	{ min: 0, max: 6, names: DAYS },
];
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

export function cronErrors(schedule: string): readonly string[] {
	if (schedule.startsWith('@')) {
		if (DESCRIPTORS.includes(schedule) || /^@every (\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(schedule)) return [];
		return [
			schedule.startsWith('@every ')
				? `failed to parse duration ${schedule}: time: invalid duration "${schedule.slice(7)}"`
				: `unrecognized descriptor: ${schedule}`,
		];
	}
	const fields = schedule.split(/\s+/).filter((f) => f !== '');
	if (fields.length !== 5) return [`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`];
	for (const [i, field] of fields.entries()) {
		const bounds = FIELDS[i];
		if (bounds === undefined) continue;
		for (const part of field.split(',')) {
			const wrong = rangeError(part, bounds);
			if (wrong !== undefined) return [wrong];
		}
	}
	return [];
}

/** A whole number or one of the field's names; the parser's complaint else. */
function value(text: string, bounds: Bounds): number | string {
	const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1;
	if (named >= 0 && text !== '') return named;
	if (!/^[+-]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing "${text}": invalid syntax`;
	return Number(text) < 0 ? `negative number (${Number(text)}) not allowed: ${text}` : Number(text);
}

function rangeError(expression: string, bounds: Bounds): string | undefined {
	const [rangeText = '', stepText, ...moreSteps] = expression.split('/');
	const [lowText = '', highText, ...moreHighs] = rangeText.split('-');
	let start = bounds.min;
	let end = bounds.max;
	if (lowText !== '*' && lowText !== '?') {
		const low = value(lowText, bounds);
		if (typeof low === 'string') return low;
		start = low;
		end = stepText === undefined ? low : bounds.max;
		if (moreHighs.length > 0) return `too many hyphens: ${expression}`;
		if (highText !== undefined) {
			const high = value(highText, bounds);
			if (typeof high === 'string') return high;
			end = high;
		}
	}
	if (moreSteps.length > 0) return `too many slashes: ${expression}`;
	const step = stepText === undefined ? 1 : value(stepText, { min: 0, max: 0 });
	if (typeof step === 'string') return step;
	if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${expression}`;
	if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${expression}`;
	if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`;
	return step === 0 ? `step of range should be a positive number: ${expression}` : undefined;
}
