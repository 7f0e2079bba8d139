/** X.509 extensions: from OpenSSL's words (`subjectAltName = DNS:a`), and back to them. */
import { isIP } from 'node:net';
import { bitString, type Element, inside, oid, oidText, octets, sequence, tagged, TRUE } from '../../../der.ts';

const USAGE = ['Digital Signature', 'Non Repudiation', 'Key Encipherment', 'Data Encipherment', 'Key Agreement', 'Certificate Sign', 'CRL Sign'];
const USAGE_WORDS = ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign'];
const EXTENDED: { readonly [word: string]: readonly [id: string, text: string] } = {
	serverAuth: ['1.3.6.1.5.5.7.3.1', 'TLS Web Server Authentication'],
	clientAuth: ['1.3.6.1.5.5.7.3.2', 'TLS Web Client Authentication'],
	codeSigning: ['1.3.6.1.5.5.7.3.3', 'Code Signing'],
	emailProtection: ['1.3.6.1.5.5.7.3.4', 'E-mail Protection'],
};
const IDS: { readonly [name: string]: readonly [id: string, title: string] } = {
	subjectAltName: ['2.5.29.17', 'X509v3 Subject Alternative Name'],
	keyUsage: ['2.5.29.15', 'X509v3 Key Usage'],
	extendedKeyUsage: ['2.5.29.37', 'X509v3 Extended Key Usage'],
	basicConstraints: ['2.5.29.19', 'X509v3 Basic Constraints'],
	subjectKeyIdentifier: ['2.5.29.14', 'X509v3 Subject Key Identifier'],
	authorityKeyIdentifier: ['2.5.29.35', 'X509v3 Authority Key Identifier'],
};

const ipv6 = (address: string): Buffer => {
	const [head = '', tail] = address.split('::');
	const words = (t: string): number[] => (t === '' ? [] : t.split(':').map((w) => Number.parseInt(w, 16)));
	const left = words(head);
	const right = words(tail ?? '');
	const all = tail === undefined ? left : [...left, ...Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
	return Buffer.from(all.flatMap((w) => [w >> 8, w & 0xff]));
};

function alternative(word: string): Buffer | undefined {
	const at = word.indexOf(':');
	const kind = word.slice(0, at).trim();
	const value = word.slice(at + 1).trim();
	if (kind === 'DNS') return tagged(0x82, Buffer.from(value));
	if (kind === 'email') return tagged(0x81, Buffer.from(value));
	if (kind === 'URI') return tagged(0x86, Buffer.from(value));
	if (kind === 'IP' && isIP(value) === 4) return tagged(0x87, Buffer.from(value.split('.').map(Number)));
	return kind === 'IP' && isIP(value) === 6 ? tagged(0x87, ipv6(value)) : undefined;
}

function usageBits(words: readonly string[]): Buffer | undefined {
	let bits = 0;
	for (const w of words) {
		const i = USAGE_WORDS.indexOf(w);
		if (i < 0) return undefined;
		bits |= 0x80 >> i;
	}
	let unused = 0;
	while (unused < 7 && ((bits >> unused) & 1) === 0) unused++;
	return bitString(Buffer.from([bits]), unused);
}

/** One extension from `name = value`; a string names what can't be understood. */
export function encodeExtension(text: string): Buffer | string {
	const at = text.indexOf('=');
	const name = text.slice(0, at).trim();
	const words = text
		.slice(at + 1)
		.split(',')
		.map((w) => w.trim())
		.filter((w) => w !== '');
	const critical = words[0] === 'critical';
	const values = critical ? words.slice(1) : words;
	const id = IDS[name]?.[0];
	let body: Buffer | undefined;
	if (name === 'subjectAltName') {
		const names = values.map(alternative);
		if (!names.includes(undefined)) body = sequence(...names.filter((n) => n !== undefined));
	} else if (name === 'keyUsage') body = usageBits(values);
	else if (name === 'extendedKeyUsage') {
		const ids = values.map((v) => EXTENDED[v]?.[0]);
		if (!ids.includes(undefined)) body = sequence(...ids.filter((i) => i !== undefined).map(oid));
	} else if (name === 'basicConstraints') body = values.some((v) => v.toUpperCase() === 'CA:TRUE') ? sequence(TRUE) : sequence();
	if (id === undefined || body === undefined) return text;
	return sequence(oid(id), ...(critical ? [TRUE] : []), octets(body));
}

const colons = (bytes: Buffer): string => (bytes.toString('hex').toUpperCase().match(/../g) ?? []).join(':');

function alternativeText(e: Element): string {
	if (e.tag === 0x82) return `DNS:${e.content.toString()}`;
	if (e.tag === 0x81) return `email:${e.content.toString()}`;
	if (e.tag === 0x86) return `URI:${e.content.toString()}`;
	if (e.tag === 0x87 && e.content.length === 4) return `IP Address:${[...e.content].join('.')}`;
	return `IP Address:${(e.content.toString('hex').toUpperCase().match(/..../g) ?? []).map((w) => w.replace(/^0{1,3}/, '')).join(':')}`;
}

function bodyText(id: string, body: Buffer): string {
	const [e] = elementsOf(body);
	if (id === '2.5.29.17') return inside(e).map(alternativeText).join(', ');
	if (id === '2.5.29.15') return USAGE.filter((_u, i) => ((e?.content[1] ?? 0) & (0x80 >> i)) !== 0).join(', ');
	if (id === '2.5.29.37')
		return inside(e)
			.map((o) => Object.values(EXTENDED).find(([i]) => i === oidText(o.content))?.[1] ?? oidText(o.content))
			.join(', ');
	if (id === '2.5.29.19') return `CA:${(inside(e)[0]?.content[0] ?? 0) !== 0 && inside(e)[0]?.tag === 1 ? 'TRUE' : 'FALSE'}`;
	if (id === '2.5.29.14') return colons(e?.content ?? Buffer.alloc(0));
	if (id === '2.5.29.35') return colons(inside(e)[0]?.content ?? Buffer.alloc(0));
	return colons(body);
}

const elementsOf = (body: Buffer): readonly Element[] => inside({ tag: 0, whole: body, content: body });

/** Extensions as `-text` prints them, each a title and a line. */
export function extensionTexts(
	list: Element | undefined,
): readonly { readonly id: string; readonly title: string; readonly critical: boolean; readonly text: string }[] {
	return inside(list).map((x) => {
		const parts = inside(x);
		const id = oidText(parts[0]?.content ?? Buffer.alloc(0));
		const critical = parts[1]?.tag === 0x01;
		const body = parts.at(-1)?.content ?? Buffer.alloc(0);
		return { id, title: Object.values(IDS).find(([i]) => i === id)?.[1] ?? id, critical, text: bodyText(id, body) };
	});
}
