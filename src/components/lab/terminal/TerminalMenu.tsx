import { Menu } from '../parts/Menu.tsx';
import { FONT, type TerminalSettings } from './settings.ts';

interface Props {
	readonly settings: TerminalSettings;
	readonly onChange: (change: Partial<TerminalSettings>) => void;
}

/** Font size, screen-reader mode and copying. */
export function TerminalMenu({ settings, onChange }: Props) {
	const size = (by: number) => onChange({ fontSize: Math.min(FONT.max, Math.max(FONT.min, settings.fontSize + by)) });
	return (
		<Menu label="Terminal settings" mark="Aa">
			<p className="menu-row">
				Text size {settings.fontSize}
				<span>
					<button type="button" className="button plain tiny" onClick={() => size(-1)} aria-label="Smaller text">
						−
					</button>{' '}
					<button type="button" className="button plain tiny" onClick={() => size(1)} aria-label="Larger text">
						+
					</button>
				</span>
			</p>
			<label className="menu-row">
				Screen-reader mode
				<input type="checkbox" checked={settings.screenReader} onChange={(event) => onChange({ screenReader: event.target.checked })} />
			</label>
			<label className="menu-row">
				Copy what is selected
				<input type="checkbox" checked={settings.copyOnSelect} onChange={(event) => onChange({ copyOnSelect: event.target.checked })} />
			</label>
			<p className="tiny quiet">
				<kbd>Alt Shift</kbd> with <kbd>Enter</kbd> opens a terminal, with <kbd>\</kbd> or <kbd>-</kbd> splits, with <kbd>W</kbd> closes, with <kbd>←</kbd>{' '}
				<kbd>→</kbd> goes to the next.
			</p>
			<p className="tiny quiet">
				<kbd>Ctrl Shift C</kbd> copies, <kbd>Ctrl Shift V</kbd> pastes, <kbd>Ctrl Shift F</kbd> finds. <a href="/help/#keyboard">All keys</a>
			</p>
		</Menu>
	);
}
