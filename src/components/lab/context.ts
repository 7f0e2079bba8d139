import { createContext, useContext, useSyncExternalStore } from 'react';
import type { LabClient } from '../../lib/lab-client.ts';
import type { LabState } from '../../lib/lab-session.ts';
import type { LabPageData, StaticLab } from '../../lib/static-lab.ts';

export interface Lab {
	readonly lab: StaticLab;
	readonly rows: LabPageData['rows'];
	readonly client: LabClient;
}

export const LabContext = createContext<Lab | undefined>(undefined);

export function useLab(): Lab {
	const lab = useContext(LabContext);
	if (!lab) throw new Error('useLab outside of LabContext');
	return lab;
}

/** A piece of the page's state; the component draws again only when that piece changes. */
export function useLabState<T>(select: (state: LabState) => T): T {
	const { store } = useLab().client;
	return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
