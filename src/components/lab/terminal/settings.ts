import { useState } from 'react';
import { recall, remember } from '../../../lib/remember.ts';

export interface TerminalSettings {
	/** CSS pixels. */
	readonly fontSize: number;
	readonly screenReader: boolean;
	readonly copyOnSelect: boolean;
}

const KEY = 'terminal';
export const FONT = { min: 10, max: 24, usual: 14 } as const;

function load(): TerminalSettings {
	const usual: TerminalSettings = { fontSize: FONT.usual, screenReader: false, copyOnSelect: false };
	try {
		const kept: unknown = JSON.parse(recall(KEY) ?? '{}');
		if (typeof kept !== 'object' || kept === null) return usual;
		const { fontSize, screenReader, copyOnSelect } = kept as Partial<Record<keyof TerminalSettings, unknown>>;
		return {
			fontSize: typeof fontSize === 'number' && fontSize >= FONT.min && fontSize <= FONT.max ? fontSize : usual.fontSize,
			screenReader: screenReader === true,
			copyOnSelect: copyOnSelect === true,
		};
	} catch {
		return usual;
	}
}

/** How terminals look and speak; remembered in this browser. */
export function useTerminalSettings(): readonly [TerminalSettings, (change: Partial<TerminalSettings>) => void] {
	const [settings, setSettings] = useState(load);
	const change = (part: Partial<TerminalSettings>) => {
		const next = { ...settings, ...part };
		setSettings(next);
		remember(KEY, JSON.stringify(next));
	};
	return [settings, change];
}
