/** The parts of a distinguished name that Kubernetes reads, and alternative names. */
import { utf8Text } from '../base64.ts';
import { type Element, inside, oidText } from './der.ts';

export interface Subject {
	readonly commonName: string;
	readonly organizations: readonly string[];
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';

/** Common name and organisations out of a Name element (RFC 5280 section 4.1.2.4). */
export function readSubject(name: Element | undefined): Subject {
	let commonName = '';
	const organizations: string[] = [];
	for (const set of inside(name)) {
		for (const pair of inside(set)) {
			const [type, value] = inside(pair);
			if (type === undefined || value === undefined) continue;
			const id = oidText(type.content);
			if (id === COMMON_NAME) commonName = utf8Text(value.content);
			else if (id === ORGANIZATION) organizations.push(utf8Text(value.content));
		}
	}
	return { commonName, organizations };
}

export interface AlternativeNames {
	readonly dns: readonly string[];
	readonly emails: readonly string[];
	readonly uris: readonly string[];
	readonly ips: number;
}

/** What a subjectAltName extension's value holds. */
export function readAlternativeNames(value: Element | undefined): AlternativeNames {
	const names = inside(value);
	const texts = (tag: number): readonly string[] => names.filter((n) => n.tag === tag).map((n) => utf8Text(n.content));
	return { emails: texts(0x81), dns: texts(0x82), uris: texts(0x86), ips: names.filter((n) => n.tag === 0x87).length };
}
