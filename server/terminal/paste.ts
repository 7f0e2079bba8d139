/**
 * Bracketed paste: the terminal marks what is pasted, so that a tab in it is text and not a request to complete, and so that several
 * lines without an end after the last are looked at before they run: they stand at continuation prompts until Enter is pressed.
 */
import { LIMITS } from '../limits.ts';
import { PASTED_END, PASTED_TAB } from './line-editor.ts';

const ESC = String.fromCharCode(27);
/** Asks the terminal to mark pastes, or not to: programs in containers get them bare. */
export const PASTE_ON = `${ESC}[?2004h`;
export const PASTE_OFF = `${ESC}[?2004l`;
const MARK = new RegExp(`${ESC}\\[20([01])~`);
/** A mark that is cut off at the end of a piece; a lone Escape is a key. */
const CUT = new RegExp(`${ESC}\\[(2(0[01]?)?)?$`);
const INTERRUPT = '\x03';

export class Paste {
	/** What has come of a paste whose end has not. */
	private held: string | undefined;
	private cut = '';

	/** Takes the marks out of what came in and keeps pasted text apart from what is typed. A paste is given out when it is whole. */
	text(data: string): string {
		// The end of a paste was lost (a connection that broke in the middle): Ctrl-C gives it up.
		if (data === INTERRUPT) this.held = undefined;
		let rest = this.cut + data;
		this.cut = '';
		let out = '';
		for (let mark = MARK.exec(rest); mark !== null; mark = MARK.exec(rest)) {
			out += this.part(rest.slice(0, mark.index));
			if (mark[1] === '1') out += this.whole();
			else this.held ??= '';
			rest = rest.slice(mark.index + mark[0].length);
		}
		const cut = CUT.exec(rest);
		if (cut !== null) {
			this.cut = cut[0];
			rest = rest.slice(0, cut.index);
		}
		return out + this.part(rest);
	}

	private part(text: string): string {
		if (this.held === undefined) return text;
		this.held += text;
		if (this.held.length <= LIMITS.typeaheadCharacters) return '';
		// More than a terminal takes ahead: whoever reads it has to say so.
		const all = this.held;
		this.held = '';
		return asText(all);
	}

	private whole(): string {
		const all = asText(this.held ?? '');
		this.held = undefined;
		return /[\r\n]$/.test(all) ? all : all.replace(/\r\n|\r|\n/g, `${PASTED_END}\r`);
	}
}

/** Marks of ours that were pasted would be taken for ours. */
const asText = (text: string): string => text.replaceAll(PASTED_END, '').replaceAll('\t', PASTED_TAB);
