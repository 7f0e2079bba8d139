/** What was open in the editor and not saved yet, kept in this browser: a reload or a crash of the page loses nothing of it. */
import { recall, remember } from './remember.ts';

export interface Draft {
	readonly path: string;
	/** The file's mtime that the text started from. */
	readonly mtime: number;
	/** Undefined where all of it is saved: the file is only open. */
	readonly text?: string;
}

interface Desk {
	readonly active: string | undefined;
	readonly open: readonly Draft[];
}

/** Characters of unsaved text that are kept for a lab: browsers give a site a few megabytes. */
const MOST = 1_000_000;

const isDraft = (value: unknown): value is Draft => {
	const { path, mtime, text } = (value ?? {}) as { readonly [key: string]: unknown };
	return typeof path === 'string' && typeof mtime === 'number' && (text === undefined || typeof text === 'string');
};

export function readDesk(lab: string): Desk {
	try {
		const { active, open } = JSON.parse(recall(`desk.${lab}`) ?? '{}') as { readonly active?: unknown; readonly open?: unknown };
		return { active: typeof active === 'string' ? active : undefined, open: Array.isArray(open) ? open.filter(isDraft) : [] };
	} catch {
		return { active: undefined, open: [] };
	}
}

export function keepDesk(lab: string, { active, open }: Desk): void {
	let left = MOST;
	const kept = open.map(({ path, mtime, text }) => {
		if (text === undefined || text.length > left) return { path, mtime };
		left -= text.length;
		return { path, mtime, text };
	});
	remember(`desk.${lab}`, JSON.stringify({ active, open: kept }));
}
