import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { toPutAway } from './idle.ts';

const watched = { idleSince: undefined };

it('puts a session away that nobody has looked at for more than LIMITS.idleSessionMs', () => {
	const since = (idleSince: number) => ({ idleSince });
	const [old, young] = [since(999), since(1000)];
	expect(toPutAway([young, watched, old], 1000 + LIMITS.idleSessionMs)).toEqual([old]);
});

it('holds LIMITS.sandboxesPerWorker sessions: of more, those go that were left first, and none that is looked at', () => {
	const left = Array.from({ length: 5 }, (_, n) => ({ idleSince: 5 - n }));
	const others = Array.from({ length: LIMITS.sandboxesPerWorker - 3 }, () => watched);
	expect(toPutAway([...left, ...others], 10).map(({ idleSince }) => idleSince)).toEqual([1, 2]);
	expect(toPutAway([...left.slice(2), ...others], 10)).toEqual([]);
});
