/** Which terminals the page shows: tabs, each with one terminal or two beside or above one another. Pure; remembered as JSON. */

export interface TerminalTab {
	/** One or two. The first names the tab. */
	readonly ids: readonly string[];
	/** How two of them lie. */
	readonly direction: 'row' | 'column';
}

export interface TerminalLayout {
	readonly tabs: readonly TerminalTab[];
	/** The tab in front, and the terminal in it that keys go to. */
	readonly front: number;
	readonly focus: string;
}

/** The server's own ceiling (LIMITS.terminals). */
export const MOST_TERMINALS = 8;
const FIRST = 't1';

export const allIds = (layout: TerminalLayout): readonly string[] => layout.tabs.flatMap((tab) => tab.ids);

/** The lowest free name; undefined where there are as many as there may be. */
function free(layout: TerminalLayout): string | undefined {
	const taken = new Set(allIds(layout));
	return Array.from({ length: MOST_TERMINALS }, (_, index) => `t${index + 1}`).find((id) => !taken.has(id));
}

/** One more terminal in a tab of its own; undefined where there are too many. */
export function added(layout: TerminalLayout): TerminalLayout | undefined {
	const id = free(layout);
	if (id === undefined) return undefined;
	return { tabs: [...layout.tabs, { ids: [id], direction: 'row' }], front: layout.tabs.length, focus: id };
}

/** The tab in front gets a second terminal; one that has two turns them. Undefined where there are too many. */
export function split(layout: TerminalLayout, direction: 'row' | 'column'): TerminalLayout | undefined {
	const tab = layout.tabs[layout.front];
	if (tab === undefined) return added(layout);
	if (tab.ids.length > 1) return replaced(layout, { ...tab, direction }, layout.focus);
	const id = free(layout);
	return id === undefined ? undefined : replaced(layout, { ids: [...tab.ids, id], direction }, id);
}

function replaced(layout: TerminalLayout, tab: TerminalTab, focus: string): TerminalLayout {
	return { tabs: layout.tabs.map((old, at) => (at === layout.front ? tab : old)), front: layout.front, focus };
}

/** Without a terminal; its tab goes with its last one. */
export function without(layout: TerminalLayout, id: string): TerminalLayout {
	const at = layout.tabs.findIndex((tab) => tab.ids.includes(id));
	if (at < 0) return layout;
	const tabs = layout.tabs.flatMap((tab) => {
		const ids = tab.ids.filter((one) => one !== id);
		return ids.length === 0 ? [] : [{ ...tab, ids }];
	});
	const gone = tabs.length < layout.tabs.length;
	const front = Math.max(0, Math.min(layout.front - (gone && at < layout.front ? 1 : 0), tabs.length - 1));
	const here = tabs[front]?.ids ?? [];
	return { tabs, front, focus: here.includes(layout.focus) ? layout.focus : (here[0] ?? '') };
}

/** Another tab in front. */
export function brought(layout: TerminalLayout, front: number): TerminalLayout {
	const ids = layout.tabs[front]?.ids;
	return ids === undefined ? layout : { ...layout, front, focus: ids.includes(layout.focus) ? layout.focus : (ids[0] ?? '') };
}

/** The terminal after the one that has the keys, over all tabs (-1: before). */
export function moved(layout: TerminalLayout, by: 1 | -1): TerminalLayout {
	const ids = allIds(layout);
	const id = ids[(ids.indexOf(layout.focus) + by + ids.length) % Math.max(1, ids.length)];
	return id === undefined ? layout : { ...layout, front: layout.tabs.findIndex((tab) => tab.ids.includes(id)), focus: id };
}

/** What was remembered; one terminal where there is nothing, or nothing that can be used. */
export function layoutFrom(text: string | undefined): TerminalLayout {
	const seen = new Set<string>();
	const ids = (value: unknown): string[] =>
		(Array.isArray(value) ? value : [value]).filter((id): id is string => {
			const good = typeof id === 'string' && /^t[1-8]$/.test(id) && !seen.has(id);
			if (good) seen.add(id);
			return good;
		});
	const tabs = listFrom(text).flatMap((entry): TerminalTab[] => {
		const record = typeof entry === 'object' && entry !== null ? (entry as { readonly ids?: unknown; readonly direction?: unknown }) : { ids: entry };
		const two = ids(record.ids).slice(0, 2);
		return two.length === 0 ? [] : [{ ids: two, direction: record.direction === 'column' ? 'column' : 'row' }];
	});
	const shown: readonly TerminalTab[] = tabs.length > 0 ? tabs : [{ ids: [FIRST], direction: 'row' }];
	return { tabs: shown, front: 0, focus: shown[0]?.ids[0] ?? FIRST };
}

function listFrom(text: string | undefined): readonly unknown[] {
	try {
		const value: unknown = JSON.parse(text ?? '[]');
		return Array.isArray(value) ? value : [];
	} catch {
		return [];
	}
}
