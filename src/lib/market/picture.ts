/** The ranges of the listings as bars, their quartiles as lines, and one's own pay across them. */
import type { MarketWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { picture, s, tenth } from '../svg.ts';
import type { Figures } from './figures.ts';

const [LEFT, WIDTH, ROW, TOP] = [10, 680, 18, 34];
/** Room left and right of the outermost range. */
const MARGIN = 0.04;

/** `money`: an amount in the worksheet's currency as text. Undefined where there is nothing to draw. */
export function rangesPicture(
	words: MarketWords,
	base: string,
	{ counted, distribution, own }: Figures,
	money: (amount: number) => string,
): SVGElement | undefined {
	if (distribution === undefined) return undefined;
	const amounts = counted.flatMap(({ low, high }) => [low, high]).concat(own === undefined ? [] : [own.pay]);
	const [least, most] = [Math.min(...amounts), Math.max(...amounts)];
	const span = Math.max(most - least, most * MARGIN);
	const x = (amount: number): number => tenth(LEFT + ((amount - least) / span) * (1 - 2 * MARGIN) * WIDTH + MARGIN * WIDTH);
	const bottom = TOP + counted.length * ROW;
	const mark = (amount: number, kind: string, label: string, y: number): SVGElement[] => [
		s('line', { x1: x(amount), x2: x(amount), y1: TOP - 4, y2: bottom, class: kind }),
		s(
			'text',
			{ x: x(amount), y, 'text-anchor': x(amount) > LEFT + WIDTH * 0.85 ? 'end' : x(amount) < LEFT + WIDTH * 0.15 ? 'start' : 'middle', class: 'label' },
			label,
		),
	];
	const bars = counted.flatMap(({ listing, low, high, middle }, i) => {
		const y = TOP + i * ROW;
		return [
			s(
				'rect',
				{ x: x(low), width: Math.max(2, tenth(x(high) - x(low))), y: y + 4, height: 10, rx: 2, class: listing.gpu ? 'pay gpu' : 'pay' },
				s('title', {}, `${listing.title}: ${money(low)} – ${money(high)}`),
			),
			s('line', { x1: x(middle), x2: x(middle), y1: y + 2, y2: y + 16, class: 'middle' }),
		];
	});
	const said = own === undefined ? '' : `${words.ownLine}: ${money(own.pay)}.`;
	const desc = fillIn(words.pictureDesc, {
		n: distribution.n,
		least: money(distribution.least),
		most: money(distribution.most),
		median: money(distribution.median),
		own: said,
	});
	return picture('ranges', `0 0 ${LEFT * 2 + WIDTH} ${bottom + 22}`, fillIn(words.picture, { base }), desc, [
		s('rect', { x: x(distribution.lower), width: tenth(x(distribution.upper) - x(distribution.lower)), y: TOP - 4, height: bottom - TOP + 4, class: 'half' }),
		...bars,
		...mark(distribution.median, 'median', `${words.median} ${money(distribution.median)}`, TOP - 12),
		...(own === undefined ? [] : mark(own.pay, 'own', `${words.ownLine} ${money(own.pay)}`, bottom + 16)),
	]);
}
