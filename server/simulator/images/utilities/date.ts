/** date, and the times that other programs print in its formats. */
import { formatTime } from '../../kernel/time.ts';
import { options, type Utility } from './utility.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];

/** strftime over UTC. */
export function strftime(format: string, ms: number): string {
	const t = formatTime(ms);
	const day = DAYS[Math.floor(ms / 86_400_000) % 7] ?? '';
	const month = MONTHS[Number(t.slice(5, 7)) - 1] ?? '';
	const hour = Number(t.slice(11, 13));
	const values: { readonly [l: string]: string } = {
		Y: t.slice(0, 4),
		y: t.slice(2, 4),
		m: t.slice(5, 7),
		d: t.slice(8, 10),
		H: t.slice(11, 13),
		M: t.slice(14, 16),
		S: t.slice(17, 19),
		F: t.slice(0, 10),
		T: t.slice(11, 19),
		R: t.slice(11, 16),
		s: String(Math.floor(ms / 1000)),
		N: `${String(ms % 1000).padStart(3, '0')}000000`,
		Z: 'UTC',
		z: '+0000',
		a: day,
		b: month,
		h: month,
		e: String(Number(t.slice(8, 10))).padStart(2),
		I: String(hour % 12 || 12).padStart(2, '0'),
		p: hour < 12 ? 'AM' : 'PM',
		D: `${t.slice(5, 7)}/${t.slice(8, 10)}/${t.slice(2, 4)}`,
		n: '\n',
		t: '\t',
		'%': '%',
		u: String(((Math.floor(ms / 86_400_000) + 3) % 7) + 1),
		c: `${day} ${month} ${String(Number(t.slice(8, 10))).padStart(2)} ${t.slice(11, 19)} ${t.slice(0, 4)}`,
	};
	return format.replace(/%-?([A-Za-z%])/g, (all, l: string) => (all.startsWith('%-') ? (values[l] ?? all).replace(/^0(?=\d)/, '') : (values[l] ?? all)));
}

export const date: Utility = (c) => {
	const o = options(c.args, 'uR', 'dI', { date: 'd', utc: 'u', 'iso-8601': 'I' });
	const format = o.rest.find((a) => a.startsWith('+'))?.slice(1);
	const given = o.given['d'];
	const ms = given?.startsWith('@') === true ? Number(given.slice(1)) * 1000 : c.process.now;
	if (o.given['I'] !== undefined) c.out(`${formatTime(ms).slice(0, 10)}\n`);
	else c.out(`${strftime(format ?? (o.given['R'] === undefined ? '%a %b %e %H:%M:%S UTC %Y' : '%a, %d %b %Y %H:%M:%S +0000'), ms)}\n`);
	return 0;
};
