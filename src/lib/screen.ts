import { useSyncExternalStore } from 'react';

/** How much fits: everything side by side, one pane at a time, or only what can be read. */
export type Screen = 'wide' | 'narrow' | 'phone';

const wide = '(min-width: 68rem)';
/** A window of 1280 px at a zoom of 200 % still has everything. */
const narrow = '(min-width: 38rem)';

const read = (): Screen => (matchMedia(wide).matches ? 'wide' : matchMedia(narrow).matches ? 'narrow' : 'phone');

function subscribe(listener: () => void): () => void {
	const queries = [matchMedia(wide), matchMedia(narrow)];
	for (const query of queries) query.addEventListener('change', listener);
	return () => {
		for (const query of queries) query.removeEventListener('change', listener);
	};
}

export const useScreen = (): Screen => useSyncExternalStore(subscribe, read);
