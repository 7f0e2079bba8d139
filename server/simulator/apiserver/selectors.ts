/** Label and field selectors: upstream's grammars (`apimachinery/pkg/labels/selector.go`, `pkg/fields/selector.go`) and their error texts. */
import { badRequest } from './errors.ts';
import type { KubeObject, Strategy } from './types.ts';
import { checkLabelValue, checkQualifiedName } from './validation.ts';

export type Labels = { readonly [key: string]: string } | undefined;

type Operator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

interface Requirement {
	readonly key: string;
	readonly operator: Operator;
	readonly values: readonly string[];
}

class SelectorError extends Error {}

type Token = { readonly type: 'identifier' | 'symbol' | 'end'; readonly text: string };

function tokenize(text: string): readonly Token[] {
	const out: Token[] = [];
	const pattern = /\s*(?:(==|!=|[=!,()<>])|([^\s=!,()<>]+))/gy;
	for (;;) {
		const m = pattern.exec(text);
		if (m === null) break;
		if (m[1] !== undefined) out.push({ type: 'symbol', text: m[1] });
		else out.push({ type: 'identifier', text: m[2] ?? '' });
	}
	out.push({ type: 'end', text: '' });
	return out;
}

/** Recursive descent over the selector's tokens; a learner's mistake ends in a SelectorError worded as upstream's parser words it. */
class Parser {
	readonly #tokens: readonly Token[];
	#at = 0;

	constructor(text: string) {
		this.#tokens = tokenize(text);
	}

	#peek(): Token {
		return this.#tokens[this.#at] ?? { type: 'end', text: '' };
	}

	#next(): Token {
		const token = this.#peek();
		this.#at++;
		return token;
	}

	parse(): readonly Requirement[] {
		const out: Requirement[] = [];
		if (this.#peek().type === 'end') return out;
		for (;;) {
			const token = this.#peek();
			const startsKey = token.type === 'identifier' || token.text === '!';
			if (!startsKey) throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
			out.push(this.#requirement());
			const after = this.#next();
			if (after.type === 'end') return out;
			if (after.text !== ',') throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
			const following = this.#peek();
			if (following.type !== 'identifier' && following.text !== '!') {
				throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
			}
		}
	}

	#requirement(): Requirement {
		const negated = this.#peek().text === '!' && this.#peek().type === 'symbol';
		if (negated) this.#next();
		const key = this.#next();
		if (key.type !== 'identifier') throw new SelectorError(`found '${key.text}', expected: identifier`);
		checkKey(key.text);
		if (negated) return { key: key.text, operator: '!', values: [] };
		const token = this.#peek();
		if (token.type === 'end' || token.text === ',') return { key: key.text, operator: 'exists', values: [] };
		this.#next();
		switch (token.text) {
			case '=':
			case '==':
				return checked({ key: key.text, operator: '=', values: [this.#value()] });
			case '!=':
				return checked({ key: key.text, operator: '!=', values: [this.#value()] });
			case '>':
				return checked({ key: key.text, operator: 'gt', values: [this.#value()] });
			case '<':
				return checked({ key: key.text, operator: 'lt', values: [this.#value()] });
			case 'in':
			case 'notin':
				return checked({ key: key.text, operator: token.text, values: this.#values() });
			default:
				throw new SelectorError(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
		}
	}

	#value(): string {
		const token = this.#peek();
		if (token.type === 'end' || token.text === ',') return '';
		this.#next();
		if (token.type !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
		return token.text;
	}

	#values(): readonly string[] {
		const open = this.#next();
		if (open.text !== '(') throw new SelectorError(`found '${open.text}', expected: '('`);
		const out: string[] = [];
		let wantsValue = true;
		for (;;) {
			const token = this.#next();
			if (token.type === 'identifier') {
				if (!wantsValue) throw new SelectorError(`found '${token.text}', expected: ',' or ')'`);
				out.push(token.text);
				wantsValue = false;
			} else if (token.text === ',' && token.type === 'symbol') {
				if (wantsValue) out.push('');
				wantsValue = true;
			} else if (token.text === ')') {
				if (wantsValue) out.push('');
				return [...new Set(out)].sort();
			} else throw new SelectorError(`found '${token.text}', expected: ',', ')' or identifier`);
		}
	}
}

function checkKey(key: string): void {
	const errors = checkQualifiedName(key);
	if (errors.length > 0) throw new SelectorError(`key: Invalid value: ${JSON.stringify(key)}: ${errors.join('; ')}`);
}

function checked(r: Requirement): Requirement {
	if (r.operator === 'gt' || r.operator === 'lt') {
		if (!/^[+-]?\d+$/.test(r.values[0] ?? '')) {
			throw new SelectorError(`values[0]: Invalid value: ${JSON.stringify(r.values[0] ?? '')}: for 'Gt', 'Lt' operators, the value must be an integer`);
		}
		return r;
	}
	for (const [i, value] of r.values.entries()) {
		const errors = checkLabelValue(value);
		if (errors.length > 0) throw new SelectorError(`values[${i}][${r.key}]: Invalid value: ${JSON.stringify(value)}: ${errors.join('; ')}`);
	}
	return r;
}

function meets(labels: Labels, r: Requirement): boolean {
	const value = labels !== undefined && Object.hasOwn(labels, r.key) ? labels[r.key] : undefined;
	switch (r.operator) {
		case '=':
		case 'in':
			return value !== undefined && r.values.includes(value);
		case '!=':
		case 'notin':
			return value === undefined || !r.values.includes(value);
		case 'exists':
			return value !== undefined;
		case '!':
			return value === undefined;
		default: {
			if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
			const bound = Number(r.values[0]);
			return r.operator === 'gt' ? Number(value) > bound : Number(value) < bound;
		}
	}
}

export type ObjectFilter = (object: KubeObject) => boolean;

function parseLabels(text: string): readonly Requirement[] | string {
	try {
		return new Parser(text).parse();
	} catch (e) {
		if (e instanceof SelectorError) return e.message;
		throw e;
	}
}

/** Parses `text`, throwing an ApiError 400 with upstream's words: `unable to parse requirement: …`. */
export function labelFilter(text: string): (labels: Labels) => boolean {
	const parsed = parseLabels(text);
	if (typeof parsed === 'string') throw badRequest(`unable to parse requirement: ${parsed}`);
	return (labels) => parsed.every((r) => meets(labels, r));
}

interface FieldTerm {
	readonly field: string;
	readonly negated: boolean;
	readonly value: string;
}

/** Splits at commas that no backslash escapes. */
function splitTerms(text: string): readonly string[] {
	const out: string[] = [];
	let term = '';
	for (let i = 0; i < text.length; i++) {
		const c = text[i] ?? '';
		if (c === '\\' && i + 1 < text.length) term += c + (text[++i] ?? '');
		else if (c === ',') {
			out.push(term);
			term = '';
		} else term += c;
	}
	out.push(term);
	return out;
}

function parseFieldTerm(term: string, whole: string): FieldTerm {
	const m = /^((?:[^=!\\]|\\.|!(?!=))*?)(==|!=|=)([\s\S]*)$/.exec(term);
	if (m === null) throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
	return { field: m[1] ?? '', negated: m[2] === '!=', value: (m[3] ?? '').replace(/\\([\\,=])/g, '$1') };
}

const metadataFields = (object: KubeObject): { readonly [field: string]: string } => ({
	'metadata.name': object.metadata.name,
	'metadata.namespace': object.metadata.namespace ?? '',
});

/** Parses a field selector for one resource; a field that it does not index is refused as upstream's converter refuses it. */
export function fieldFilter(strategy: Strategy, text: string): ObjectFilter {
	const terms = splitTerms(text)
		.filter((t) => t !== '')
		.map((t) => parseFieldTerm(t, text));
	const fieldsOf = (object: KubeObject): { readonly [field: string]: string } =>
		strategy.selectableFields === undefined ? metadataFields(object) : { ...metadataFields(object), ...strategy.selectableFields(object) };
	const sample = fieldsOf({ apiVersion: '', kind: strategy.kind, metadata: { name: '', uid: '', resourceVersion: '', creationTimestamp: '' } });
	for (const term of terms) {
		if (Object.hasOwn(sample, term.field)) continue;
		throw badRequest(
			strategy.selectableFields === undefined
				? `"${term.field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
				: `field label not supported: ${term.field}`,
		);
	}
	return (object) => {
		const fields = fieldsOf(object);
		return terms.every((t) => (fields[t.field] === t.value) !== t.negated);
	};
}

/** The name that a field selector pins, where it does nothing else: such a list is a look-up. */
export function pinnedName(text: string | undefined): string | undefined {
	const m = text === undefined ? null : /^metadata\.name==?([a-z0-9][a-z0-9.-]*)$/.exec(text);
	return m === null ? undefined : m[1];
}

/** Both selectors of a list or watch as one filter; undefined where everything passes. */
export function objectFilter(strategy: Strategy, labelSelector: string | undefined, fieldSelector: string | undefined): ObjectFilter | undefined {
	const labels = labelSelector ? labelFilter(labelSelector) : undefined;
	const fields = fieldSelector ? fieldFilter(strategy, fieldSelector) : undefined;
	if (labels === undefined) return fields;
	if (fields === undefined) return (o) => labels(o.metadata.labels);
	return (o) => labels(o.metadata.labels) && fields(o);
}
