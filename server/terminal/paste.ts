/** Bracketed paste: the terminal marks what is pasted, so that a tab in it is text and not a request to complete. */
import { PASTED_TAB } from './line-editor.ts';

const ESC = String.fromCharCode(27);
/** Asks the terminal to mark pastes, or not to: programs in containers get them bare. */
export const PASTE_ON = `${ESC}[?2004h`;
export const PASTE_OFF = `${ESC}[?2004l`;
const MARK = new RegExp(`${ESC}\\[20([01])~`);
/** A mark that is cut off at the end of a piece; a lone Escape is a key. */
const CUT = new RegExp(`${ESC}\\[(2(0[01]?)?)?$`);

export class Paste {
	private pasting = false;
	private cut = '';

	/** Takes the marks out of what came in and keeps pasted tabs apart from typed ones. */
	text(data: string): string {
		let rest = this.cut + data;
		this.cut = '';
		let out = '';
		for (let mark = MARK.exec(rest); mark !== null; mark = MARK.exec(rest)) {
			out += this.part(rest.slice(0, mark.index));
			this.pasting = mark[1] === '0';
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
		return this.pasting ? text.replaceAll('\t', PASTED_TAB) : text;
	}
}
