/** Text of `describe`, line by line with tabs between columns (pkg/describe's PrefixWriter over tabwriter). */
import type { Obj } from '../client.ts';
import { age } from '../human.ts';
import { selectorText } from '../pods.ts';
import { tabulate } from '../tabs.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** maxAnnotationLen of pkg/describe. */
const ANNOTATION_LENGTH = 140;

export class Doc {
	#text = '';
	/** ms: for ages. */
	readonly now: number;

	constructor(now: number) {
		this.now = now;
	}

	/** A line, indented by two spaces a level. */
	line(level: number, text: string): this {
		this.#text += `${'  '.repeat(level)}${text}\n`;
		return this;
	}

	/** Text without a line's end. */
	raw(text: string): this {
		this.#text += text;
		return this;
	}

	field(level: number, name: string, value: unknown): this {
		return this.line(level, `${name}:\t${value === undefined || value === null ? '' : String(value)}`);
	}

	/** A list of values under one title, aligned. */
	values(title: string, values: readonly string[], indent = ''): this {
		this.raw(`${indent}${title}:\t`);
		if (values.length === 0) return this.raw('<none>\n');
		values.forEach((v, i) => void this.raw(`${i === 0 ? '' : `${indent}\t`}${v}\n`));
		return this;
	}

	labels(title: string, labels: { readonly [k: string]: string } | undefined, indent = ''): this {
		return this.values(title, pairs(labels), indent);
	}

	annotations(title: string, all: { readonly [k: string]: string } | undefined): this {
		this.raw(`${title}:\t`);
		const keys = Object.keys(all ?? {})
			.filter((k) => k !== LAST_APPLIED)
			.sort();
		if (keys.length === 0) return this.raw('<none>\n');
		keys.forEach((key, i) => {
			const value = (all?.[key] ?? '').replace(/\n$/, '');
			if (i > 0) this.raw('\t');
			if (value.length + key.length + 2 > ANNOTATION_LENGTH || value.includes('\n')) {
				this.raw(`${key}:\n`);
				for (const part of value.split('\n')) this.raw(`\t  ${part.length > ANNOTATION_LENGTH - 2 ? `${part.slice(0, ANNOTATION_LENGTH - 2)}...` : part}\n`);
			} else this.raw(`${key}: ${value}\n`);
		});
		return this;
	}

	/** Name, namespace (where it has one), labels and annotations. */
	head(o: Obj): this {
		this.field(0, 'Name', o.metadata?.name);
		if (o.metadata?.namespace !== undefined) this.field(0, 'Namespace', o.metadata.namespace);
		return this.labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations);
	}

	/** The text with its tabs, for callers that print without a tabwriter. */
	untabbed(): string {
		return this.#text;
	}

	toString(): string {
		return tabulate(this.#text, { min: 0, padding: 2 });
	}
}

export const pairs = (labels: { readonly [k: string]: string } | undefined): string[] =>
	Object.keys(labels ?? {})
		.sort()
		.map((k) => `${k}=${labels?.[k] ?? ''}`);

/** labels.FormatLabels. */
export const formatLabels = (labels: { readonly [k: string]: string } | undefined): string => pairs(labels).join(',') || '<none>';

/** metav1.FormatLabelSelector. */
export const formatSelector = (selector: Obj | undefined): string => selectorText(selector) || '<none>';

/** `ReplicaSet/web-5d4…` of the controlling owner; '' where there is none. */
export function controller(o: Obj): string {
	const owner = o.metadata?.ownerReferences?.find((r) => r.controller === true);
	return owner === undefined ? '' : `${owner.kind}/${owner.name}`;
}

export const capital = (value: boolean | undefined): string => (value === undefined ? '<unset>' : value ? 'True' : 'False');

/** `Terminating (lasts 5s)`. */
export const terminating = (o: Obj, now: number): string => `Terminating (lasts ${age(o.metadata?.deletionTimestamp, now)})`;

/** Resource names in byte order, as SortableResourceNames. */
export const resourceNames = (list: { readonly [name: string]: string } | undefined): string[] => Object.keys(list ?? {}).sort();
