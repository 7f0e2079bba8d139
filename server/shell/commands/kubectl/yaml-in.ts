/** YAML as Kubernetes reads it: go-yaml v2's 1.1 dialect, one document at a time, with its error texts. */
import { parseDocument, type Tags, type YAMLParseError } from 'yaml';
import { CliError } from './errors.ts';
import { LONG_NUMBER, wholeNumber } from './json-text.ts';

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

/** The same, with no other truths than true and false: go-yaml v3, as kustomize reads. */
const fewerTruths = (all: Tags): Tags =>
	tags(all).map((t) => {
		if (typeof t === 'string' || t.tag !== 'tag:yaml.org,2002:bool' || t.test === undefined) return t;
		return { ...t, test: t.test.test('true') ? /^(?:[Tt]rue|TRUE)$/ : /^(?:[Ff]alse|FALSE)$/ } as typeof t;
	});

interface Fault {
	/** As go-yaml counts: 1-based for its scanner's faults, 0-based for its parser's; 0 is left out of the message. */
	readonly line: number;
	readonly text: string;
}

const scanner = (line: number, text: string): Fault => ({ line: line > 1 ? line : 0, text });
const parser = (line: number, text: string): Fault => ({ line: line - 1, text });

/** go-yaml's words and line for what our parser found. */
function fault(errors: readonly YAMLParseError[], source: string): Fault {
	const err = errors.find((e) => e.code === 'MULTILINE_IMPLICIT_KEY') ?? (errors[0] as YAMLParseError);
	const [from, to] = err.linePos ?? [{ line: 1, col: 1 }];
	const before = (source.split('\n')[from.line - 1] ?? '').slice(0, from.col - 1);
	const previous = source.split('\n')[from.line - 2] ?? '';
	switch (err.code) {
		case 'MULTILINE_IMPLICIT_KEY':
			if (before.trim() === '' && from.line > 1) return scanner(to?.line ?? from.line, "could not find expected ':'");
			return scanner(to?.line ?? from.line, 'mapping values are not allowed in this context');
		case 'BLOCK_AS_IMPLICIT_KEY':
		case 'BLOCK_IN_FLOW':
			return scanner(from.line, 'mapping values are not allowed in this context');
		case 'TAB_AS_INDENT':
			return scanner(
				from.line,
				previous.trimEnd().endsWith(':') ? 'found character that cannot start any token' : 'found a tab character that violates indentation',
			);
		case 'BAD_SCALAR_START':
			return scanner(from.line, 'found character that cannot start any token');
		case 'BAD_INDENT':
			if (/Flow seq/.test(err.message)) return parser(from.line, "did not find expected ',' or ']'");
			if (/Flow map/.test(err.message)) return parser(from.line, "did not find expected ',' or '}'");
			return parser(from.line, 'did not find expected key');
		case 'MISSING_CHAR':
			if (/quote/.test(err.message)) return scanner(from.line, 'found unexpected end of stream');
			if (/sequence/i.test(err.message) && /Flow/.test(err.message)) return parser(from.line, "did not find expected ',' or ']'");
			return parser(from.line, 'did not find expected key');
		case 'UNEXPECTED_TOKEN':
			return parser(from.line, 'did not find expected key');
		default:
			return parser(from.line, 'did not find expected node content');
	}
}

/** Whole numbers as numbers again where those hold them. */
function narrowed(value: unknown): unknown {
	if (typeof value === 'bigint') return wholeNumber(value);
	if (Array.isArray(value)) return value.map(narrowed);
	if (value === null || typeof value !== 'object') return value;
	return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, narrowed(v)]));
}

/** One document's value. Throws a `CliError` worded `error converting YAML to JSON: yaml: line N: …`. */
export function parseYaml(text: string, options: { readonly onlyTrueAndFalse?: boolean } = {}): unknown {
	const customTags = options.onlyTrueAndFalse ? fewerTruths : tags;
	const large = LONG_NUMBER.test(text);
	const doc = parseDocument(text, {
		version: '1.1',
		merge: true,
		uniqueKeys: false,
		intAsBigInt: large,
		prettyErrors: true,
		customTags,
		logLevel: 'silent',
		strict: true,
	});
	if (doc.errors.length > 0) {
		const { line, text: what } = fault(doc.errors, text);
		throw new CliError(`error converting YAML to JSON: yaml: ${line > 0 ? `line ${line}: ` : ''}${what}`);
	}
	try {
		const value: unknown = doc.toJS({ maxAliasCount: 1000 });
		return large ? narrowed(value) : value;
	} catch (err) {
		const alias = /alias.*?: (\S+)/.exec(err instanceof Error ? err.message : '');
		throw new CliError(
			`error converting YAML to JSON: yaml: ${alias === null ? 'document contains excessive aliasing' : `unknown anchor '${alias[1]}' referenced`}`,
		);
	}
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
