/** Marking, cutting, copying and putting back. */
import { lineAt, type Lines, type Place, splice, spliceLines } from '../vi/text.ts';
import type { TextBuffer } from './buffer.ts';

export class CutBuffer {
	private mark: Place | undefined;
	/** Lines; a last empty one says that whole lines were cut. */
	private held: readonly string[] = [];
	/** The key before cut, too: what is cut now comes behind it. */
	private cutting = false;

	/** Sets the mark or takes it away; gives what is said about it. */
	toggleMark(buffer: TextBuffer): string {
		this.mark = this.mark === undefined ? buffer.cursor : undefined;
		return this.mark === undefined ? '[ Mark Unset ]' : '[ Mark Set ]';
	}

	/** A key other than cut has come. */
	interrupted(): void {
		this.cutting = false;
	}

	copy(buffer: TextBuffer): void {
		const region = this.region(buffer);
		this.held = region === undefined ? [buffer.line, ''] : textBetween(buffer.lines, ...region);
		this.mark = undefined;
	}

	cut(buffer: TextBuffer): void {
		const region = this.region(buffer);
		if (region !== undefined) {
			this.held = textBetween(buffer.lines, ...region);
			buffer.remove(...region);
			this.mark = undefined;
			return;
		}
		const { line, cursor } = buffer;
		this.held = this.cutting ? [...this.held.slice(0, -1), line, ''] : [line, ''];
		this.cutting = true;
		const lines = spliceLines(buffer.lines, cursor.row, 1, []);
		buffer.change(lines, { row: Math.min(cursor.row, lines.length - 1), at: 0 });
	}

	/** Whole lines go above the cursor's, anything else to the cursor. */
	paste(buffer: TextBuffer): void {
		if (this.held.length === 0) return;
		const text = this.held.join('\n');
		if (this.mark === undefined && this.held.at(-1) === '') {
			const at = { row: buffer.cursor.row, at: 0 };
			buffer.change(splice(buffer.lines, at, at, text), { row: at.row + this.held.length - 1, at: 0 });
		} else buffer.insert(text);
	}

	private region(buffer: TextBuffer): readonly [Place, Place] | undefined {
		if (this.mark === undefined) return undefined;
		const [a, b] = [this.mark, buffer.cursor];
		return a.row < b.row || (a.row === b.row && a.at <= b.at) ? [a, b] : [b, a];
	}
}

function textBetween(lines: Lines, from: Place, to: Place): readonly string[] {
	if (from.row === to.row) return [lineAt(lines, from.row).slice(from.at, to.at)];
	return [lineAt(lines, from.row).slice(from.at), ...lines.slice(from.row + 1, to.row), lineAt(lines, to.row).slice(0, to.at)];
}
