import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { Sentence } from '../parts/Sentence.tsx';
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
				{fillIn(t.textSize, { n: settings.fontSize })}
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
				<Sentence
					text={t.keysTabs}
					values={{
						keys: <kbd>Alt Shift</kbd>,
						enter: <kbd>Enter</kbd>,
						right: <kbd>\</kbd>,
						below: <kbd>-</kbd>,
						close: <kbd>W</kbd>,
						previous: <kbd>←</kbd>,
						next: <kbd>→</kbd>,
					}}
				/>
			</p>
			<p className="tiny quiet">
				<Sentence text={t.keysCopy} values={{ copy: <kbd>Ctrl Shift C</kbd>, paste: <kbd>Ctrl Shift V</kbd>, find: <kbd>Ctrl Shift F</kbd> }} />{' '}
				<a href="/help/#keyboard">{t.allKeys}</a>
			</p>
		</Menu>
	);
}
