/** The formats that structural schemas may ask of strings (kube-openapi's `strfmt` registry); an unknown one asks nothing. */
import { base64Bytes } from '../base64.ts';
import { parseTime } from '../../kernel/time.ts';

const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);

function isIpv6(text: string): boolean {
	const [head = '', tail, more] = text.split('::');
	if (more !== undefined || !text.includes(':')) return false;
	const groups = (part: string): readonly string[] => (part === '' ? [] : part.split(':'));
	const all = [...groups(head), ...(tail === undefined ? [] : groups(tail))];
	const last = all.at(-1) ?? '';
	const dotted = IPV4.test(last);
	const plain = dotted ? all.slice(0, -1) : all;
	if (!plain.every((g) => /^[0-9a-fA-F]{1,4}$/.test(g))) return false;
	const size = plain.length + (dotted ? 2 : 0);
	return tail === undefined ? size === 8 : size < 8;
}

function isCidr(text: string): boolean {
	const [address = '', bits = '', more] = text.split('/');
	if (more !== undefined || !/^\d{1,3}$/.test(bits)) return false;
	return IPV4.test(address) ? Number(bits) <= 32 : isIpv6(address) && Number(bits) <= 128;
}

const DURATION = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w))*$/;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[zZ]|[+-]\d\d:\d\d)$/;

const FORMATS: { readonly [name: string]: (text: string) => boolean } = {
	'date-time': (t) => DATE_TIME.test(t) && parseTime(t) !== undefined,
	datetime: (t) => DATE_TIME.test(t) && parseTime(t) !== undefined,
	date: (t) => DATE.test(t) && parseTime(`${t}T00:00:00Z`) !== undefined,
	duration: (t) => DURATION.test(t.trim()) || t === '0',
	ipv4: (t) => IPV4.test(t),
	ipv6: isIpv6,
	cidr: isCidr,
	email: (t) => /^[^\s@<>,;]+@[^\s@<>,;]+$/.test(t),
	hostname: (t) => t.length <= 255 && /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?$/.test(t),
	uri: (t) => /^(?:[A-Za-z][A-Za-z0-9+.-]*:\S*|\/\S*)$/.test(t),
	mac: (t) => /^(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4,6}[0-9A-Fa-f]{2}$/.test(t) || /^(?:[0-9A-Fa-f]{4}\.){2,3}[0-9A-Fa-f]{4}$/.test(t),
	uuid: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(t),
	uuid3: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(t),
	uuid4: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(t),
	uuid5: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(t),
	byte: (t) => base64Bytes(t) !== undefined,
	hexcolor: (t) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(t),
	creditcard: (t) => /^\d{13,19}$/.test(t.replaceAll(/[ -]/g, '')),
};

export function checkFormat(format: string, text: string): boolean {
	return (Object.hasOwn(FORMATS, format) ? FORMATS[format]?.(text) : undefined) ?? true;
}
