/** YAML as Kubernetes reads it: go-yaml v2's 1.1 dialect, one document at a time, with its error texts. */
import { parseDocument, type Tags, type YAMLParseError } from 'yaml';
import { CliError } from './errors.ts';

const octal = {
	identify: () => false,
	default: true,
	tag: 'tag:yaml.org,2002:int',
	test: /^[-+]?0o[0-7]+$/,
	resolve: (text: string) => Number(text.replace('+', '')),
};

/** go-yaml keeps timestamps and base-60 numbers as text when it decodes into an interface. */
const tags = (all: Tags): Tags => {
	const kept = all.filter((t) => typeof t === 'string' || (t.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in t && t.format === 'TIME')));
	return [octal as unknown as Exclude<Tags[number], string>, ...kept];
};

/** go-yaml's words for what the parser found. */
function wording(err: YAMLParseError): string {
	const message = err.message;
	switch (err.code) {
		case 'TAB_AS_INDENT':
			return 'found character that cannot start any token';
		case 'BLOCK_AS_IMPLICIT_KEY':
		case 'BLOCK_IN_FLOW':
			return 'mapping values are not allowed in this context';
		case 'MULTILINE_IMPLICIT_KEY':
		case 'MISSING_CHAR':
			if (/missing closing ["']/i.test(message)) return 'found unexpected end of stream';
			if (/implicit map key|map key/i.test(message) || err.code === 'MULTILINE_IMPLICIT_KEY') return "could not find expected ':'";
			return 'did not find expected key';
		case 'BAD_INDENT':
			return 'did not find expected key';
		case 'BAD_ALIAS':
			return 'did not find expected alphabetic or numeric character';
		case 'UNEXPECTED_TOKEN':
			return /flow sequence|\]/.test(message) ? "did not find expected ',' or ']'" : 'did not find expected key';
		case 'BAD_SCALAR_START':
			return 'found character that cannot start any token';
		default:
			return 'did not find expected node content';
	}
}

/** The line go-yaml would name: it reports the position before the token it stumbled over. */
function lineOf(err: YAMLParseError): number {
	return err.linePos?.[0].line ?? 1;
}

/** One document's value. Throws a `CliError` worded `error converting YAML to JSON: yaml: line N: …`. */
export function parseYaml(text: string): unknown {
	const doc = parseDocument(text, { version: '1.1', merge: true, uniqueKeys: false, prettyErrors: true, customTags: tags, logLevel: 'silent', strict: true });
	const [first] = doc.errors;
	if (first !== undefined) {
		const line = lineOf(first);
		throw new CliError(`error converting YAML to JSON: yaml: ${line > 1 ? `line ${line}: ` : ''}${wording(first)}`);
	}
	return doc.toJS({ maxAliasCount: 1000 });
}

/** The parts between `---` lines. */
export function splitDocuments(text: string): readonly string[] {
	const out: string[] = [];
	let part: string[] = [];
	for (const line of text.split('\n')) {
		if (/^---\s*(#.*)?$/.test(line)) {
			out.push(part.join('\n'));
			part = [];
		} else part.push(line.startsWith('--- ') && part.length === 0 ? line.slice(4) : line);
	}
	out.push(part.join('\n'));
	return out.filter((d) => d.split('\n').some((l) => l.trim() !== '' && !l.trimStart().startsWith('#')));
}
