/** Moves the bars of shared hours to the reader's own clock. */
import { byId, fill } from './dom.ts';
import { fillIn } from './i18n/fill-in.ts';
import { boxes } from './market/overlap-picture.ts';
import { overlapRows, ownStretches, type Stretch } from './market/overlap.ts';

const form = document.querySelector<HTMLFormElement>('#overlap-form');
const { sharedHours } = JSON.parse(byId('overlap-data')?.textContent ?? '{}') as { readonly sharedHours: string };

function draw(row: string, kind: string, stretches: readonly Stretch[]): void {
	const bars = document.querySelectorAll(`[data-row="${row}"] .${kind}`);
	for (const [i, { x, width }] of boxes(stretches).entries()) {
		bars[i]?.setAttribute('x', String(x));
		bars[i]?.setAttribute('width', String(width));
	}
}

function show(): void {
	if (!form) return;
	const values = new FormData(form);
	const day = String(values.get('day'));
	if (day === '') return;
	const own = ownStretches(Number(values.get('from')), Number(values.get('to')));
	draw('own', 'own', own);
	for (const { id, theirs, both, hours } of overlapRows(String(values.get('zone')), day, own)) {
		draw(id, 'theirs', theirs);
		draw(id, 'both', both);
		fill(document.querySelector(`[data-hours="${id}"]`) ?? undefined, fillIn(sharedHours, { n: hours }));
	}
}

const zones = form?.querySelector<HTMLSelectElement>('[name="zone"]');
if (zones) {
	const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const shown = zones.value;
	const all = [...new Set([...Intl.supportedValuesOf('timeZone'), here, shown])].sort();
	zones.replaceChildren(...all.map((zone) => new Option(zone.replaceAll('_', ' '), zone, false, zone === here)));
}
form?.addEventListener('input', show);
form?.addEventListener('submit', (event) => event.preventDefault());
show();
