/** Addresses, networks and URLs (`apiserver/pkg/cel/library/{ip,cidr,urls}.go`). */
import { fn, NO_OVERLOAD, type Overload, traversal } from '../functions.ts';
import { Fault, LiteralMap, Opaque, type Value } from '../values.ts';

interface Address {
	readonly bytes: readonly number[];
}
interface Network {
	readonly address: Address;
	readonly bits: number;
}

const s = (v: Value | undefined): string => (typeof v === 'string' ? v : '');

function parse4(text: string): readonly number[] | undefined {
	const parts = text.split('.');
	if (parts.length !== 4 || !parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255)) return undefined;
	return parts.map(Number);
}

function parse6(text: string): readonly number[] | undefined {
	const halves = text.split('::');
	if (halves.length > 2) return undefined;
	const [head, tail] = halves.map((half) => groups(half));
	if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
	const room = 16 - head.length - (tail?.length ?? 0);
	if (halves.length === 1) return room === 0 ? head : undefined;
	return room < 2 ? undefined : [...head, ...Array.from({ length: room }, () => 0), ...(tail ?? [])];
}

function groups(half: string): readonly number[] | undefined {
	if (half === '') return [];
	const parts = half.split(':');
	const out: number[] = [];
	for (const [i, part] of parts.entries()) {
		const dotted = i === parts.length - 1 ? parse4(part) : undefined;
		if (dotted !== undefined) out.push(...dotted);
		else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255);
		else return undefined;
	}
	return out;
}

const mapped = (bytes: readonly number[]): boolean => bytes.length === 16 && bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;

function parseIp(text: string): Address | Fault {
	if (text.includes('%')) return new Fault(`IP address ${JSON.stringify(text)} with zone value is not allowed`);
	const bytes = text.includes(':') ? parse6(text) : parse4(text);
	if (bytes === undefined)
		return new Fault(`IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`);
	return mapped(bytes) ? new Fault(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`) : { bytes };
}

/** The canonical text (RFC 5952). */
function ipText({ bytes }: Address): string {
	if (bytes.length === 4) return bytes.join('.');
	const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
	let [best, length] = [-1, 1];
	for (let i = 0; i < 8; i++) {
		let j = i;
		while (j < 8 && words[j] === 0) j++;
		if (j - i > length) [best, length] = [i, j - i];
	}
	const hex = (part: readonly number[]): string => part.map((w) => w.toString(16)).join(':');
	return best < 0 ? hex(words) : `${hex(words.slice(0, best))}::${hex(words.slice(best + length))}`;
}

function parseCidr(text: string): Network | Fault {
	const slash = text.lastIndexOf('/');
	const bits = text.slice(slash + 1);
	const address = slash < 0 ? undefined : text.slice(0, slash).includes(':') ? parse6(text.slice(0, slash)) : parse4(text.slice(0, slash));
	if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > address.length * 8) {
		const why = slash < 0 ? `netip.ParsePrefix(${JSON.stringify(text)}): no '/'` : `netip.ParsePrefix(${JSON.stringify(text)}): bad prefix`;
		return new Fault(`network address parse error during conversion from string: ${why}`);
	}
	return mapped(address) ? new Fault(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`) : { address: { bytes: address }, bits: Number(bits) };
}

const masked = ({ address: { bytes }, bits }: Network): Address => ({
	bytes: bytes.map((b, i) => (bits >= (i + 1) * 8 ? b : bits <= i * 8 ? 0 : b & (0xff << (8 - (bits - i * 8))))),
});

const ipValue = (a: Address): Value => new Opaque<Address>('net.IP', a, ipText(a));
const cidrText = (c: Network): string => `${ipText(c.address)}/${c.bits}`;
const cidrValue = (c: Network): Value => new Opaque<Network>('net.CIDR', c, cidrText(c));

const asIp = (v: Value | undefined): Address => (v instanceof Opaque ? (v.held as Address) : { bytes: [] });
const asCidr = (v: Value | undefined): Network => (v instanceof Opaque ? (v.held as Network) : { address: { bytes: [] }, bits: 0 });

const orFault = <T extends object>(found: T | Fault, make: (t: T) => Value): Value => (found instanceof Fault ? found : make(found));

function containsIp(network: Network, ip: Address): boolean {
	if (network.address.bytes.length !== ip.bytes.length) return false;
	return ipText(masked({ address: ip, bits: network.bits })) === ipText(masked(network));
}
const containsCidr = (outer: Network, inner: Network): boolean => inner.bits >= outer.bits && containsIp(outer, inner.address);

const is = (test: (bytes: readonly number[]) => boolean): ((args: readonly Value[]) => Value) => {
	return ([v]) => test(asIp(v).bytes);
};
const loopback = (b: readonly number[]): boolean => (b.length === 4 ? b[0] === 127 : b.slice(0, 15).every((x) => x === 0) && b[15] === 1);
const linkLocal = (b: readonly number[]): boolean => (b.length === 4 ? b[0] === 169 && b[1] === 254 : b[0] === 0xfe && ((b[1] ?? 0) & 0xc0) === 0x80);
const linkLocalMulticast = (b: readonly number[]): boolean =>
	b.length === 4 ? b[0] === 224 && b[1] === 0 && b[2] === 0 : b[0] === 0xff && ((b[1] ?? 0) & 0x0f) === 0x02;
const multicast = (b: readonly number[]): boolean => (b.length === 4 ? (b[0] ?? 0) >> 4 === 14 : b[0] === 0xff);
const unspecified = (b: readonly number[]): boolean => b.every((x) => x === 0);
const broadcast = (b: readonly number[]): boolean => b.length === 4 && b.every((x) => x === 255);

const parseCost = ([v]: readonly Value[]): number => traversal(v);

const addresses: readonly Overload[] = [
	fn('ip(string) -> net.IP', ([v]) => orFault(parseIp(s(v)), ipValue), parseCost),
	fn('isIP(string) -> bool', ([v]) => !(parseIp(s(v)) instanceof Fault), parseCost),
	fn(
		'ip.isCanonical(string) -> bool',
		([v]) => orFault(parseIp(s(v)), (a) => ipText(a) === s(v)),
		([v]) => traversal(v, 2),
	),
	fn('net.IP::family() -> int', ([v]) => (asIp(v).bytes.length === 4 ? 4n : 6n)),
	fn('net.IP::isUnspecified() -> bool', is(unspecified)),
	fn('net.IP::isLoopback() -> bool', is(loopback)),
	fn('net.IP::isLinkLocalMulticast() -> bool', is(linkLocalMulticast)),
	fn('net.IP::isLinkLocalUnicast() -> bool', is(linkLocal)),
	fn(
		'net.IP::isGlobalUnicast() -> bool',
		is((b) => !unspecified(b) && !broadcast(b) && !loopback(b) && !multicast(b) && !linkLocal(b)),
	),
	fn('string(net.IP) -> string', ([v]) => ipText(asIp(v))),
	fn('cidr(string) -> net.CIDR', ([v]) => orFault(parseCidr(s(v)), cidrValue), parseCost),
	fn('isCIDR(string) -> bool', ([v]) => !(parseCidr(s(v)) instanceof Fault), parseCost),
	fn(
		'net.CIDR::containsIP(string) -> bool',
		([c, v]) => orFault(parseIp(s(v)), (ip) => containsIp(asCidr(c), ip)),
		([, v]) => 4 + traversal(v),
	),
	fn(
		'net.CIDR::containsIP(net.IP) -> bool',
		([c, v]) => containsIp(asCidr(c), asIp(v)),
		() => 4,
	),
	fn(
		'net.CIDR::containsCIDR(string) -> bool',
		([c, v]) => orFault(parseCidr(s(v)), (inner) => containsCidr(asCidr(c), inner)),
		([, v]) => 7 + traversal(v),
	),
	fn(
		'net.CIDR::containsCIDR(net.CIDR) -> bool',
		([c, v]) => containsCidr(asCidr(c), asCidr(v)),
		() => 7,
	),
	fn('net.CIDR::ip() -> net.IP', ([c]) => ipValue(asCidr(c).address)),
	fn('net.CIDR::prefixLength() -> int', ([c]) => BigInt(asCidr(c).bits)),
	fn('net.CIDR::masked() -> net.CIDR', ([c]) => cidrValue({ address: masked(asCidr(c)), bits: asCidr(c).bits })),
	fn('string(net.CIDR) -> string', ([c]) => cidrText(asCidr(c))),
];

interface Url {
	readonly scheme: string;
	readonly host: string;
	readonly path: string;
	readonly query: string;
}

/** Go's `url.ParseRequestURI`: an absolute URL, or an absolute path. */
function parseUrl(text: string): Url | Fault {
	const bad = (why: string): Fault => new Fault(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${why}`);
	if (text === '') return bad('empty url');
	if (/[\x00-\x1f\x7f]/.test(text)) return bad('net/url: invalid control character in URL');
	const wrongEscape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(text);
	if (wrongEscape !== null) return bad(`invalid URL escape ${JSON.stringify(wrongEscape[0])}`);
	const m = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/.exec(text);
	const [, scheme = '', authority, path = '', query = ''] = m ?? [];
	if (scheme === '' && !text.startsWith('/')) return bad('invalid URI for request');
	if (scheme !== '' && authority === undefined && !path.startsWith('/')) return bad('invalid URI for request');
	const host = (authority ?? '').replace(/^.*@/, '');
	if (/ /.test(host)) return bad('invalid character " " in host name');
	const port = /^(?:\[[^\]]*\]|[^:]*):(.*)$/.exec(host)?.[1];
	if (port !== undefined && !/^\d*$/.test(port)) return bad(`invalid port ${JSON.stringify(`:${port}`)} after host`);
	return { scheme: scheme.toLowerCase(), host, path, query };
}

const asUrl = (v: Value | undefined): Url => (v instanceof Opaque ? (v.held as Url) : { scheme: '', host: '', path: '', query: '' });
const hostname = (host: string): string => (host.startsWith('[') ? host.slice(1, host.indexOf(']')) : (host.split(':')[0] ?? ''));
const port = (host: string): string => /:(\d*)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? '';

const decoded = (text: string): string => {
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch (e) {
		if (e instanceof URIError) return text;
		throw e;
	}
};

function query(v: Value | undefined): Value {
	const out = new Map<string, string[]>();
	for (const pair of asUrl(v)
		.query.split('&')
		.filter((p) => p !== '')) {
		const [name = '', ...rest] = pair.split('=');
		out.set(decoded(name), [...(out.get(decoded(name)) ?? []), decoded(rest.join('='))]);
	}
	return LiteralMap.of(out);
}

/** Characters that may stand in a path; the rest is escaped. */
const escapedPath = (path: string): string => path.replaceAll(/[^A-Za-z0-9\-_.~!$&'()*+,;=:@/%[\]]/g, (c) => encodeURIComponent(c));

const urls: readonly Overload[] = [
	fn('url(string) -> kubernetes.URL', ([v]) => orFault(parseUrl(s(v)), (u) => new Opaque<Url>('kubernetes.URL', u, s(v))), parseCost),
	fn('isURL(string) -> bool', ([v]) => !(parseUrl(s(v)) instanceof Fault), parseCost),
	fn('kubernetes.URL::getScheme() -> string', ([v]) => asUrl(v).scheme),
	fn('kubernetes.URL::getHost() -> string', ([v]) => asUrl(v).host),
	fn('kubernetes.URL::getHostname() -> string', ([v]) => hostname(asUrl(v).host)),
	fn('kubernetes.URL::getPort() -> string', ([v]) => port(asUrl(v).host)),
	fn('kubernetes.URL::getEscapedPath() -> string', ([v]) => escapedPath(asUrl(v).path)),
	fn('kubernetes.URL::getQuery() -> map<string, list<string>>', ([v]) => (v instanceof Opaque ? query(v) : NO_OVERLOAD)),
];

export const net: readonly Overload[] = [...addresses, ...urls];
