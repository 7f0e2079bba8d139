/** What a terminal sends, as names of keys: printable characters as they are, `<C-x>`, `<CR>`, `<Up>`, `<Paste>text`. */

const NAMED: { readonly [sequence: string]: string } = {
	A: '<Up>',
	B: '<Down>',
	C: '<Right>',
	D: '<Left>',
	H: '<Home>',
	F: '<End>',
	Z: '<S-Tab>',
	'1~': '<Home>',
	'2~': '<Insert>',
	'3~': '<Del>',
	'4~': '<End>',
	'5~': '<PageUp>',
	'6~': '<PageDown>',
	'7~': '<Home>',
	'8~': '<End>',
	'1;5C': '<C-Right>',
	'1;5D': '<C-Left>',
	'1;5A': '<C-Up>',
	'1;5B': '<C-Down>',
	'1;5H': '<C-Home>',
	'1;5F': '<C-End>',
};

const ESC = '\x1b';
const PASTE_BEGIN = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
const SEQUENCE = new RegExp(`^${ESC}(?:\\[([0-9;]*[A-Za-z~])|O([A-DFHP-S]))`);

const CONTROL: { readonly [c: string]: string } = { '\r': '<CR>', '\n': '<C-J>', '\t': '<Tab>', '\x7f': '<BS>', '\b': '<BS>', '\x1b': '<Esc>' };

function plainKey(c: string): string {
	const named = CONTROL[c];
	if (named !== undefined) return named;
	return c < ' ' ? `<C-${String.fromCharCode(c.charCodeAt(0) + 64)}>` : c;
}

/** Cuts input into keys. A paste that comes in pieces is held back until it is whole. */
export class KeyDecoder {
	private held = '';

	keys(data: string): readonly string[] {
		let text = this.held + data;
		this.held = '';
		const keys: string[] = [];
		while (text !== '') {
			if (text.startsWith(PASTE_BEGIN)) {
				const end = text.indexOf(PASTE_END);
				if (end < 0) {
					this.held = text;
					return keys;
				}
				keys.push(`<Paste>${text.slice(PASTE_BEGIN.length, end).replace(/\r\n?/g, '\n')}`);
				text = text.slice(end + PASTE_END.length);
				continue;
			}
			const m = SEQUENCE.exec(text);
			if (m !== null) {
				const name = NAMED[m[1] ?? m[2] ?? ''];
				if (name !== undefined) keys.push(name);
				text = text.slice(m[0].length);
				continue;
			}
			const c = String.fromCodePoint(text.codePointAt(0) ?? 0);
			keys.push(plainKey(c));
			text = text.slice(c.length);
		}
		return keys;
	}
}

/** The text of a paste, or undefined for any other key. */
export const pasted = (key: string): string | undefined => (key.startsWith('<Paste>') ? key.slice(7) : undefined);

/** Whether a key stands for itself. */
export const isPrintable = (key: string): boolean => [...key].length === 1 && key >= ' ';
