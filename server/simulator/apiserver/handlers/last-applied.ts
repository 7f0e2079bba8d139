/**
 * From client-side to server-side apply: kubectl takes over what it applied from its own side, and keeps the annotation that
 * its other side goes by (`managedfields/internal/lastappliedmanager.go`, `lastappliedupdater.go`). Other managers get neither.
 */
import { isRecord, sameData } from '../equal.ts';
import type { Field } from '../openapi/schema.ts';
import { valueAt } from '../patch/fieldset.ts';

type Fields = { readonly [key: string]: unknown };

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const KUBECTL = 'kubectl';
/** What all annotations of an object may hold: `totalAnnotationSizeLimitB`. */
const LONGEST = 262_144;

const metadataOf = (object: Fields): Fields => (isRecord(object['metadata']) ? object['metadata'] : {});
const annotationsOf = (object: Fields): Fields => {
	const { annotations } = metadataOf(object);
	return isRecord(annotations) ? annotations : {};
};

function lastApplied(live: Fields): Fields | undefined {
	const text = annotationsOf(live)[LAST_APPLIED];
	if (typeof text !== 'string') return undefined;
	try {
		const object: unknown = JSON.parse(text);
		return isRecord(object) ? object : undefined;
	} catch {
		// An annotation that somebody broke by hand allows nothing.
		return undefined;
	}
}

/** Says of a field whether `manager` may take it from others: kubectl may where the object still has what it applied before. */
export function mayTake(live: Fields, manager: string | undefined, root: Partial<Field>): (path: readonly string[]) => boolean {
	const applied = manager === KUBECTL ? lastApplied(live) : undefined;
	if (applied === undefined) return () => false;
	return (path) => {
		const was = valueAt(applied, path, root);
		return was !== undefined && sameData(was, valueAt(live, path, root));
	};
}

/** As Go writes a map: keys in order. */
function ordered(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(ordered);
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.keys(value)
			.sort()
			.map((key) => [key, ordered(value[key])]),
	);
}

/** `next` with the annotation of what kubectl applies now, where `live` has one. */
export function withLastApplied(next: Fields, live: Fields, manager: string | undefined, body: Fields): Fields {
	if (manager !== KUBECTL || annotationsOf(live)[LAST_APPLIED] === undefined) return next;
	const { managedFields: _m, annotations: _a, ...metadata } = metadataOf(body);
	const { [LAST_APPLIED]: _l, ...own } = annotationsOf(body);
	const applied = { ...body, metadata: { ...metadata, ...(Object.keys(own).length === 0 ? {} : { annotations: own }) } };
	const text = `${JSON.stringify(ordered(applied))}\n`;
	if (text.length > LONGEST) return next;
	return { ...next, metadata: { ...metadataOf(next), annotations: { ...annotationsOf(next), [LAST_APPLIED]: text } } };
}
