import { Menu } from '../parts/Menu.tsx';
import { FONT, type TerminalSettings } from './settings.ts';
import { t } from '../page-words.ts';

interface Props {
	readonly settings: TerminalSettings;
	readonly onChange: (change: Partial<TerminalSettings>) => void;
}

/** Font size, screen-reader mode and copying. */
export function TerminalMenu({ settings, onChange }: Props) {
	const size = (by: number) => onChange({ fontSize: Math.min(FONT.max, Math.max(FONT.min, settings.fontSize + by)) });
	return (
		<Menu label={t.terminalSettings} mark="Aa">
			<p className="menu-row">
				{t.textSize} {settings.fontSize}
				<span>
					<button type="button" className="button plain tiny" onClick={() => size(-1)} aria-label={t.smallerText}>
						−
					</button>{' '}
					<button type="button" className="button plain tiny" onClick={() => size(1)} aria-label={t.largerText}>
						+
					</button>
				</span>
			</p>
			<label className="menu-row">
				{t.screenReaderMode}
				<input type="checkbox" checked={settings.screenReader} onChange={(event) => onChange({ screenReader: event.target.checked })} />
			</label>
			<label className="menu-row">
				{t.copyWhatIs}
				<input type="checkbox" checked={settings.copyOnSelect} onChange={(event) => onChange({ copyOnSelect: event.target.checked })} />
			</label>
			<p className="tiny quiet">
				<kbd>Alt Shift</kbd> {t.withKeys} <kbd>Enter</kbd> {t.opensATerminal} <kbd>\</kbd> {t.orKeys} <kbd>-</kbd> {t.splitsWith} <kbd>W</kbd> {t.closesWith}{' '}
				<kbd>←</kbd> <kbd>→</kbd> {t.goesToThe}
			</p>
			<p className="tiny quiet">
				<kbd>Ctrl Shift C</kbd> {t.copies} <kbd>Ctrl Shift V</kbd> {t.pastes} <kbd>Ctrl Shift F</kbd> {t.finds} <a href="/help/#keyboard">{t.allKeys}</a>
			</p>
		</Menu>
	);
}
