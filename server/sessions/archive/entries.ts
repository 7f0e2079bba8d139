/** What an archive may hold: plain files and folders with plain names. Whatever else is in it, all of it is refused, and the entry named. */
import { fault } from '../../errors/catalogue.ts';
import { LIMITS } from '../../limits.ts';

/** One file or folder of an archive, its name checked. */
export interface ArchiveEntry {
	/** Relative, parts joined by `/`, none at the end. */
	readonly name: string;
	readonly kind: 'file' | 'directory';
	/** Empty for a folder. */
	readonly data: Uint8Array;
	/** Permission bits. */
	readonly mode: number;
}

const MB = 1024 * 1024;
/** Control characters, line separators, and marks that turn the direction of what is read. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
/** Characters of a name in a message: what is refused for its length is not printed whole. */
const SHOWN = 80;

/** Refuses the archive for one of its entries; `name` may be anything. */
export function refuse(name: string, why: string): never {
	const plain = name.replace(new RegExp(CONTROL, 'g'), '�');
	throw fault('archive-refused', { entry: plain.length > SHOWN ? `${plain.slice(0, SHOWN)}…` : plain, why });
}

/** A name's bytes as text. */
export function nameOf(bytes: Uint8Array): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return refuse(new TextDecoder('latin1').decode(bytes), 'its name is not UTF-8');
	}
}

/** What programs put into archives beside the files they were asked for. */
const isLitter = (name: string): boolean => /(^|\/)(__MACOSX|\.DS_Store|Thumbs\.db)(\/|$)/.test(name);

/** Takes the names of an archive one by one; the first that will not do ends it. */
export class NameCheck {
	private readonly seen = new Map<string, string>();
	private readonly folders = new Map<string, string>();
	private count = 0;

	/** The checked name, or undefined for an entry that is passed over. */
	take(raw: string, kind: ArchiveEntry['kind']): string | undefined {
		this.count++;
		if (this.count > LIMITS.archiveEntries) refuse(raw, `it is the ${LIMITS.archiveEntries + 1}th entry; ${LIMITS.archiveEntries} are the most`);
		if (CONTROL.test(raw)) refuse(raw, 'its name holds control characters');
		if (raw.startsWith('/') || /^[a-z]:/i.test(raw)) refuse(raw, 'its path is absolute');
		if (raw.includes('\\')) refuse(raw, 'its path holds a backslash');
		const parts = raw.replace(/\/+$/, '').split('/');
		while (parts[0] === '.') parts.shift();
		if (parts.length === 0 || isLitter(raw)) return undefined;
		if (parts.includes('..')) refuse(raw, 'its path leads out of the folder (“..”)');
		if (parts.some((part) => part === '' || part === '.')) refuse(raw, 'it is not a plain path');
		if (parts.some((part) => Buffer.byteLength(part) > LIMITS.archiveNameBytes))
			refuse(raw, `a part of its path is longer than ${LIMITS.archiveNameBytes} bytes`);
		if (parts.length > LIMITS.archiveDepth) refuse(raw, `it lies more than ${LIMITS.archiveDepth} folders deep`);
		const name = parts.join('/');
		this.unique(name, parts, kind);
		return name;
	}

	/** Names that are one and the same on some machine (letter case, composed letters) would overwrite each other there. */
	private unique(name: string, parts: readonly string[], kind: ArchiveEntry['kind']): void {
		const key = (path: string): string => path.normalize('NFC').toLowerCase();
		for (let depth = 1; depth < parts.length + (kind === 'directory' ? 1 : 0); depth++) {
			const folder = parts.slice(0, depth).join('/');
			const known = this.folders.get(key(folder));
			if (known !== undefined && known !== folder) refuse(name, `its folder differs from “${known}” in letter case alone`);
			if (this.seen.has(key(folder))) refuse(name, `“${folder}” is a file and a folder`);
			this.folders.set(key(folder), folder);
		}
		if (kind === 'directory') return;
		const known = this.seen.get(key(name));
		if (known !== undefined) refuse(name, known === name ? 'its name stands in the archive twice' : `its name differs from “${known}” in letter case alone`);
		if (this.folders.has(key(name))) refuse(name, 'it is a file and a folder');
		this.seen.set(key(name), name);
	}
}

/** Keeps account of what comes out of an archive, against its size: a small one must not become a huge one. */
export class SizeCheck {
	private readonly packed: number;
	private total = 0;

	/** `packed`: bytes of the archive. */
	constructor(packed: number) {
		this.packed = packed;
	}

	/** More bytes of an entry have come out; `own`: of this entry so far. */
	take(name: string, bytes: number, own: number): void {
		this.total += bytes;
		if (own > LIMITS.fileBytes) refuse(name, `it is larger than ${LIMITS.fileBytes / MB} MiB`);
		if (this.total > LIMITS.archiveUnpackedBytes) refuse(name, `the archive unpacks to more than ${LIMITS.archiveUnpackedBytes / MB} MiB`);
		// Small archives of text pack well: what is below one file's size harms nobody.
		if (this.total > LIMITS.fileBytes && this.total > this.packed * LIMITS.archiveRatio)
			refuse(name, `the archive unpacks to more than ${LIMITS.archiveRatio} times its size`);
	}
}
