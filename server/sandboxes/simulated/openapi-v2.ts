/**
 * The Swagger 2 document as the protobuf message that kubectl asks for: gnostic's openapi.v2.Document
 * (google/gnostic-models `openapiv2/OpenAPIv2.proto`, whose field numbers these are). Only what clients read of it:
 * definitions, without paths.
 */
type Node = { readonly [key: string]: unknown };

export const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
/** What the answer calls it: Go's mime parser takes no `@` (kube-openapi `handler.go`). */
export const OPENAPI_V2_ANSWERED = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

const encoder = new TextEncoder();

function varint(value: number): number[] {
	const out: number[] = [];
	let rest = value;
	for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
	out.push(rest);
	return out;
}

/** Length-delimited fields, one after another: all that is written here but a single boolean. */
class Message {
	readonly #parts: Uint8Array[] = [];

	put(number: number, value: string | Message | Uint8Array | undefined): this {
		if (value === undefined) return this;
		const bytes = typeof value === 'string' ? encoder.encode(value) : value instanceof Message ? value.bytes() : value;
		this.#parts.push(Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes);
		return this;
	}

	flag(number: number, value: boolean): this {
		this.#parts.push(Uint8Array.from([...varint(number * 8), value ? 1 : 0]));
		return this;
	}

	bytes(): Uint8Array {
		return Buffer.concat(this.#parts);
	}
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

function named(schemas: Node): Message {
	const out = new Message();
	for (const [name, schema] of Object.entries(schemas)) if (isNode(schema)) out.put(1, new Message().put(1, name).put(2, schemaMessage(schema)));
	return out;
}

function schemaMessage(s: Node): Message {
	const out = new Message().put(1, text(s['$ref'])).put(2, text(s['format'])).put(4, text(s['description']));
	for (const field of Array.isArray(s['required']) ? s['required'] : []) out.put(19, text(field));
	const additional = s['additionalProperties'];
	if (isNode(additional)) out.put(21, new Message().put(1, schemaMessage(additional)));
	else if (typeof additional === 'boolean') out.put(21, new Message().flag(2, additional));
	if (typeof s['type'] === 'string') out.put(22, new Message().put(1, s['type']));
	if (isNode(s['items'])) out.put(23, new Message().put(1, schemaMessage(s['items'])));
	if (Array.isArray(s['allOf'])) for (const one of s['allOf']) if (isNode(one)) out.put(24, schemaMessage(one));
	if (isNode(s['properties'])) out.put(25, named(s['properties']));
	// Extensions travel as YAML text.
	for (const [key, value] of Object.entries(s))
		if (key.startsWith('x-')) out.put(31, new Message().put(1, key).put(2, new Message().put(2, `${JSON.stringify(value)}\n`)));
	return out;
}

// By the document itself: the simulator hands out the same one each time, and it never changes.
const encoded = new WeakMap<object, Uint8Array>();

/** The document `json` (Swagger 2) in protobuf. */
export function openApiV2Bytes(json: object): Uint8Array {
	let bytes = encoded.get(json);
	if (bytes === undefined) {
		const document = json as Node;
		const info = isNode(document['info']) ? document['info'] : {};
		bytes = new Message()
			.put(1, text(document['swagger']))
			.put(2, new Message().put(1, text(info['title'])).put(2, text(info['version'])))
			.put(8, new Message())
			.put(9, named(isNode(document['definitions']) ? document['definitions'] : {}))
			.bytes();
		encoded.set(json, bytes);
	}
	return bytes;
}
