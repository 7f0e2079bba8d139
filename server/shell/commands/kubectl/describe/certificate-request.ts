/** Reads out of a certificate request (PKCS #10) what `describe` shows of it; its signature is the API server's to check. */

type Bytes = Uint8Array;

interface Element {
	readonly tag: number;
	readonly content: Bytes;
}

/** The elements that DER bytes are made of; what is malformed ends them. */
function elements(bytes: Bytes | undefined): readonly Element[] {
	const out: Element[] = [];
	if (bytes === undefined) return out;
	for (let at = 0; at + 1 < bytes.length; ) {
		let length = bytes[at + 1] ?? 0;
		let start = at + 2;
		if (length >= 0x80) {
			const size = length & 0x7f;
			length = 0;
			for (let i = 0; i < size; i++) length = length * 256 + (bytes[start + i] ?? 0);
			start += size;
		}
		if (start + length > bytes.length) break;
		out.push({ tag: bytes[at] ?? 0, content: bytes.subarray(start, start + length) });
		at = start + length;
	}
	return out;
}

/** As `elements`, of one's content. */
const inside = (element: Element | undefined): readonly Element[] => elements(element?.content);
const hex = (bytes: Bytes | undefined): string => [...(bytes ?? [])].map((b) => b.toString(16).padStart(2, '0')).join('');
const text = (element: Element): string => new TextDecoder().decode(element.content);

/** Object identifiers of the parts of a name, in hexadecimal. */
const NAMES: { readonly [oid: string]: string } = {
	'550403': 'Common Name',
	'550405': 'Serial Number',
	'55040a': 'Organization',
	'55040b': 'Organizational Unit',
	'550406': 'Country',
	'550407': 'Locality',
	'550408': 'Province',
	'550409': 'StreetAddress',
	'550411': 'PostalCode',
};
const LISTS = ['Organization', 'Organizational Unit', 'Country', 'Locality', 'Province', 'StreetAddress', 'PostalCode'];
const EXTENSION_REQUEST = '2a864886f70d01090e';
const ALTERNATIVE_NAME = '551d11';

export interface RequestSubject {
	readonly commonName: string;
	readonly serialNumber: string;
	/** Titles with their values, in the order of the page. */
	readonly lists: readonly (readonly [string, readonly string[]])[];
	readonly alternatives: readonly (readonly [string, readonly string[]])[];
}

function address(bytes: Bytes): string {
	if (bytes.length === 4) return bytes.join('.');
	const words = Array.from({ length: 8 }, (_, i) => (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16));
	// The longest run of zeros is left out, as Go prints an address.
	const runs = [...words.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
	const [longest] = runs;
	if (longest === undefined) return words.join(':');
	const whole = words.join(':');
	return `${whole.slice(0, longest.index)}::${whole.slice(longest.index + longest[0].length).replace(/^:/, '')}`;
}

function alternatives(attributes: Element | undefined): readonly Element[] {
	for (const attribute of inside(attributes)) {
		const [type, values] = inside(attribute);
		if (hex(type?.content) !== EXTENSION_REQUEST) continue;
		for (const extension of inside(inside(values)[0])) {
			const parts = inside(extension);
			if (hex(parts[0]?.content) === ALTERNATIVE_NAME) return inside(inside(parts.at(-1))[0]);
		}
	}
	return [];
}

/** @param request base64 of the PEM text, as `spec.request` holds it. */
export function requestSubject(request: string): RequestSubject {
	const body = atob(request).replaceAll(/-----[^-]+-----|\s/g, '');
	const der = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
	const [info] = inside(elements(der)[0]);
	const [, name, , attributes] = inside(info);
	const found = new Map<string, string[]>();
	for (const set of inside(name)) {
		for (const pair of inside(set)) {
			const [type, value] = inside(pair);
			const title = NAMES[hex(type?.content)];
			if (title !== undefined && value !== undefined) found.set(title, [...(found.get(title) ?? []), text(value)]);
		}
	}
	const names = alternatives(attributes);
	const ofTag = (tag: number): readonly Element[] => names.filter((n) => n.tag === tag);
	return {
		commonName: found.get('Common Name')?.at(-1) ?? '',
		serialNumber: found.get('Serial Number')?.at(-1) ?? '',
		lists: LISTS.map((title) => [title, found.get(title) ?? []]),
		alternatives: [
			['DNS Names', ofTag(0x82).map(text)],
			['Email Addresses', ofTag(0x81).map(text)],
			['URIs', ofTag(0x86).map(text)],
			['IP Addresses', ofTag(0x87).map((n) => address(n.content))],
		],
	};
}
