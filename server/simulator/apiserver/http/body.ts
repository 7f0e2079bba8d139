/** A request's body as a value, with what is noticed on the way: size, media type, syntax, duplicate keys. */
import { parseDocument } from 'yaml';
import { utf8Length } from '../base64.ts';
import { badRequest, tooLargeBody, unsupportedMediaType } from '../errors.ts';
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
	return { value: JSON.parse(text), duplicates: scan.duplicates.map((d) => `duplicate field "${d}"`), text };
}

function parseYaml(text: string): Body {
	const document = parseDocument(text, { version: '1.1', merge: true, uniqueKeys: false, logLevel: 'silent' });
	const [error] = document.errors;
	if (error !== undefined) {
		const line = error.linePos?.[0].line ?? 1;
		return {
			value: undefined,
			duplicates: [],
			text,
			error: `error converting YAML to JSON: yaml: line ${line}: ${error.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? ''}`,
		};
	}
	try {
		// Through JSON: dates and other YAML types become what JSON has.
		return { value: JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: ALIASES_LIMIT })) ?? 'null'), duplicates: [], text };
	} catch (e) {
		if (e instanceof ReferenceError)
			return { value: undefined, duplicates: [], text, error: 'error converting YAML to JSON: yaml: document contains excessive aliasing' };
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
	if (type === '' || type === 'application/json' || type === 'text/plain' || type === 'application/x-www-form-urlencoded') return parseJson(text);
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
