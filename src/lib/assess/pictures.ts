/** The radar and the line over time as SVG, with a title and a description. Their figures also stand in tables beside them. */
import type { AssessWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { picture, s, tenth } from '../svg.ts';
import { MOST, type TimePoint } from './over-time.ts';
import { type DimensionStanding, rank } from './standings.ts';

/** Three outlines over nine spokes; dashes and marks tell them apart, not colour alone. */
export function radar(words: AssessWords, standings: readonly DimensionStanding[], titleOf: (id: string) => string): SVGElement {
	const [cx, cy, r] = [260, 190, 130];
	const place = (i: number, share: number): [number, number] => {
		const angle = (2 * Math.PI * i) / standings.length - Math.PI / 2;
		return [tenth(cx + share * r * Math.cos(angle)), tenth(cy + share * r * Math.sin(angle))];
	};
	const outline = (share: (standing: DimensionStanding) => number): string => standings.map((standing, i) => place(i, share(standing)).join(',')).join(' ');
	const rings = [1, 2, 3].map((ring) => s('polygon', { points: outline(() => ring / 3), class: 'ring' }));
	const labels = standings.map(({ id }, i) => {
		const [x, y] = place(i, 1.12);
		const anchor = Math.abs(x - cx) < 12 ? 'middle' : x > cx ? 'start' : 'end';
		return s('text', { x, y: y + 4, 'text-anchor': anchor, class: 'label' }, titleOf(id));
	});
	const kinds = ['self', 'graded', 'mentor'] as const;
	const level = (standing: DimensionStanding, kind: (typeof kinds)[number]): number =>
		rank((kind === 'mentor' ? standing.mentor.level : standing[kind]) ?? 'none') / 3;
	const shapes = kinds.flatMap((kind) => [
		s('polygon', { points: outline((standing) => level(standing, kind)), class: `outline ${kind}` }),
		...standings.map((standing, i) => {
			const [x, y] = place(i, level(standing, kind));
			return s('circle', { cx: x, cy: y, r: kind === 'self' ? 3 : 4.5, class: `dot ${kind}` });
		}),
	]);
	const said = standings.map(
		({ id, self, graded, mentor }) =>
			`${titleOf(id)}: ${words.self} ${rank(self ?? 'none')}, ${words.graded} ${rank(graded)}, ${words.mentor} ${rank(mentor.level ?? 'none')}`,
	);
	return picture('radar', '-90 10 700 365', words.radarTitle, `${words.radarDesc} ${said.join('; ')}.`, [...rings, ...shapes, ...labels]);
}

/** Steps, because a level holds until it changes. */
export function line(words: AssessWords, points: readonly TimePoint[], now: string): SVGElement {
	const [width, height, left, top] = [520, 160, 34, 12];
	const first = Date.parse(points[0]?.at ?? now);
	const span = Math.max(1, Date.parse(now) - first);
	const x = (at: string): number => tenth(left + ((Date.parse(at) - first) / span) * width);
	const y = (value: number): number => tenth(top + height - (value / MOST) * height);
	const steps = (value: (point: TimePoint) => number): string =>
		[...points.map((point, i) => (i === 0 ? `M${x(point.at)},${y(value(point))}` : `H${x(point.at)}V${y(value(point))}`)), `H${x(now)}`].join('');
	const grid = [0, 9, 18, 27].flatMap((value) => [
		s('line', { x1: left, x2: left + width, y1: y(value), y2: y(value), class: 'ring' }),
		s('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end', class: 'label' }, String(value)),
	]);
	const lines = (['self', 'graded'] as const).map((kind) => s('path', { d: steps((point) => point[kind]), class: `step ${kind}` }));
	const last = points.at(-1);
	const desc = fillIn(words.timeDesc, { self: last?.self ?? 0, graded: last?.graded ?? 0, most: MOST });
	return picture('over-time', `0 0 ${left + width + 10} ${top + height + 14}`, words.timeTitle, desc, [...grid, ...lines]);
}
