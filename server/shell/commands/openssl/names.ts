/** Distinguished names: `-subj /O=dev/CN=jane`, and how OpenSSL 3 prints them. */
import { type Element, inside, oid, oidText, sequence, set, tagged, utf8 } from '../../../der.ts';

const OIDS: { readonly [name: string]: string } = {
	CN: '2.5.4.3',
	SN: '2.5.4.4',
	serialNumber: '2.5.4.5',
	C: '2.5.4.6',
	L: '2.5.4.7',
	ST: '2.5.4.8',
	street: '2.5.4.9',
	O: '2.5.4.10',
	OU: '2.5.4.11',
	emailAddress: '1.2.840.113549.1.9.1',
	DC: '0.9.2342.19200300.100.1.25',
	UID: '0.9.2342.19200300.100.1.1',
};
const BY_OID = new Map(Object.entries(OIDS).map(([name, id]) => [id, name]));

/** A subject as text in DER; a string says what is wrong with it. */
export function encodeName(subject: string): Buffer | string {
	if (!subject.startsWith('/'))
		return `subject name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '${subject}'`;
	const parts = subject
		.slice(1)
		.split(/(?<!\\)\//)
		.filter((p) => p !== '');
	const names: Buffer[] = [];
	for (const part of parts) {
		const at = part.indexOf('=');
		const id = OIDS[part.slice(0, at)];
		if (at < 0 || id === undefined) return `Skipping unknown subject name attribute "${part.slice(0, Math.max(0, at))}"`;
		const value = part.slice(at + 1).replace(/\\(.)/g, '$1');
		names.push(set(sequence(oid(id), id === OIDS['C'] ? tagged(0x13, Buffer.from(value)) : utf8(value))));
	}
	return sequence(...names);
}

/** `O = dev, CN = jane`. */
export function nameText(name: Element | undefined, equals = ' = '): string {
	return inside(name)
		.map((part) => {
			const [id, value] = inside(inside(part)[0]);
			const dotted = oidText(id?.content ?? Buffer.alloc(0));
			return `${BY_OID.get(dotted) ?? dotted}${equals}${value?.content.toString('utf8') ?? ''}`;
		})
		.join(', ');
}
