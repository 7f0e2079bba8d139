/** A request's body as a value, with what is noticed on the way: size, media type, syntax, duplicate keys. */
import { parseDocument, type YAMLParseError } from 'yaml';
import { utf8Length } from '../base64.ts';
import { badRequest, tooLargeBody, unsupportedMediaType } from '../errors.ts';
import { parseExact } from '../../kernel/int64.ts';
import type { ApiError, PatchType } from '../types.ts';
import type { ApiWireRequest } from '../wire.ts';
import { scanJson } from './json.ts';
import { decodeProtobuf } from './protobuf.ts';

/** Bytes of a body (`MaxRequestBodyBytes`). */
export const BODY_LIMIT = 3 * 1024 * 1024;
/** Aliases expanded in one YAML body: upstream refuses "excessive aliasing". */
const ALIASES_LIMIT = 100;

export interface Body {
	/** Undefined where there is none. */
	readonly value: unknown;
	/** Paths of keys given twice, and YAML's way to say it; strict validation refuses them. */
	readonly duplicates: readonly string[];
	readonly text: string;
	/** Why it is no JSON or YAML at all, worded as upstream. */
	readonly error?: string;
}

const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

const NOTHING: Body = { value: undefined, duplicates: [], text: '' };

const mediaType = (request: ApiWireRequest): string => (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

const PATCH_TYPES: readonly PatchType[] = [
	'application/json-patch+json',
	'application/merge-patch+json',
	'application/strategic-merge-patch+json',
	'application/apply-patch+yaml',
];

/** A PATCH's kind by its content type; throws 415 as upstream does. */
export function patchTypeOf(request: ApiWireRequest, strategic: boolean): PatchType {
	const type = mediaType(request);
	const found = PATCH_TYPES.find((t) => t === type);
	if (found === undefined || (found === 'application/strategic-merge-patch+json' && !strategic)) {
		throw unsupportedMediaType(
			type,
			PATCH_TYPES.filter((t) => strategic || t !== 'application/strategic-merge-patch+json'),
		);
	}
	return found;
}

function sizeChecked(request: ApiWireRequest): string {
	const text = request.body ?? '';
	// A UTF-8 byte or more for each code unit: only a text near the limit needs counting.
	if (text.length > BODY_LIMIT || (text.length * 3 > BODY_LIMIT && utf8Length(text) > BODY_LIMIT)) throw tooLargeBody(BODY_LIMIT);
	return text;
}

function parseJson(text: string): Body {
	const scan = scanJson(text);
	if (scan.error !== undefined) return { value: undefined, duplicates: [], text, error: `couldn't get version/kind; json parse error: ${scan.error}` };
	const duplicates = scan.duplicates.map((d) => `duplicate field "${d}"`);
	return { value: parseExact(text), duplicates, text };
}

/** go-yaml's words for the mistakes that people make most; the parser's own for the rest. */
const YAML_WORDS: { readonly [code: string]: string } = {
	BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
	MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
	MISSING_CHAR: "could not find expected ':'",
	BAD_INDENT: 'did not find expected key',
	TAB_AS_INDENT: 'found character that cannot start any token',
	BAD_SCALAR_START: 'found character that cannot start any token',
	UNEXPECTED_TOKEN: 'did not find expected node content',
};

function yamlError(error: YAMLParseError): string {
	const words = YAML_WORDS[error.code] ?? error.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? '';
	return `error converting YAML to JSON: yaml: line ${error.linePos?.[0].line ?? 1}: ${words}`;
}

/** `line 4: key "name" already set in map`, under the one head that go-yaml gives them. */
function yamlDuplicates(text: string, errors: readonly YAMLParseError[]): readonly string[] {
	if (errors.length === 0) return [];
	const lines = errors.map((e) => {
		const key = /^\s*(?:- +)*"?([^":\s]+)"?/.exec(text.slice(e.pos[0]))?.[1] ?? '';
		return `  line ${e.linePos?.[0].line ?? 1}: key ${JSON.stringify(key)} already set in map`;
	});
	return [`yaml: unmarshal errors:\n${lines.join('\n')}`];
}

const LARGE = /\d{16}/;
function parseYaml(text: string): Body {
	const failed = (error: string): Body => ({ value: undefined, duplicates: [], text, error });
	try {
		const large = LARGE.test(text);
		const document = parseDocument(text, { version: '1.1', merge: true, logLevel: 'silent', intAsBigInt: large });
		const duplicates = document.errors.filter((e) => e.code === 'DUPLICATE_KEY');
		const [error] = document.errors.filter((e) => e.code !== 'DUPLICATE_KEY' && e.code !== 'MULTIPLE_DOCS');
		if (error !== undefined) return failed(yamlError(error));
		// Through JSON: dates and other YAML types become what JSON has.
		const value: unknown = document.toJS({ maxAliasCount: ALIASES_LIMIT });
		const json = JSON.stringify(value) ?? 'null';
		const scan = scanJson(json);
		if (scan.error !== undefined) return failed(`error converting YAML to JSON: ${scan.error}`);
		return { value: parseExact(json), duplicates: yamlDuplicates(text, duplicates), text };
	} catch (e) {
		if (e instanceof ReferenceError) return failed('error converting YAML to JSON: yaml: document contains excessive aliasing');
		// The engine's stack gave out: nested beyond any limit.
		if (e instanceof RangeError) return failed('error converting YAML to JSON: yaml: exceeded max depth of 10000');
		throw e;
	}
}

function parseProtobuf(text: string): Body {
	const { value, error } = decodeProtobuf(text);
	return error === undefined ? { value, duplicates: [], text: '' } : { value: undefined, duplicates: [], text: '', error };
}

/** Reads the body of a create, update or delete. */
export function readBody(request: ApiWireRequest): Body {
	const text = sizeChecked(request);
	if (text === '') return NOTHING;
	const type = mediaType(request);
	if (type === 'application/vnd.kubernetes.protobuf' && request.bodyEncoding === 'base64') return parseProtobuf(text);
	if (request.bodyEncoding === 'base64') throw unsupportedMediaType(type, MEDIA_TYPES);
	if (type === 'application/yaml' || type === 'application/x-yaml' || type === 'text/yaml') return parseYaml(text);
	if (type === '' || type === 'application/json') return parseJson(text);
	throw unsupportedMediaType(type, MEDIA_TYPES);
}

/** Reads a patch; apply patches may be YAML, and CBOR's cousin of them isn't spoken here. */
export function readPatch(request: ApiWireRequest, type: PatchType): Body {
	const text = sizeChecked(request);
	const body = type === 'application/apply-patch+yaml' && !/^\s*\{/.test(text) ? parseYaml(text) : parseJson(text);
	if (body.error === undefined) return body;
	throw type === 'application/apply-patch+yaml'
		? badRequest(`error decoding YAML: ${body.error}`)
		: badRequest(body.error.replace("couldn't get version/kind; json parse error: ", ''));
}

/** A body that is no object at all, in the words of upstream's `transformDecodeError`. */
export function unrecognized(kind: string, body: Body): ApiError {
	return badRequest(
		`the object provided is unrecognized (must be of type ${kind}): ${body.error ?? "couldn't get version/kind; json parse error: unexpected end of JSON input"} (${summary(body.text)})`,
	);
}

/** `summarizeData`: the head of a JSON object as it is, of anything else in hexadecimal. */
function summary(text: string): string {
	if (text === '') return '<empty>';
	const head = text.slice(0, 30);
	const shown = text.startsWith('{') ? head : [...head].map((c) => (c.codePointAt(0) ?? 0).toString(16).padStart(2, '0')).join('');
	return text.length > 30 ? `${shown} ...` : shown;
}
