/** Kubernetes' own types: quantities, versions, named formats, the authorizer (`apiserver/pkg/cel/library`). */
import { checkFormat } from '../../crd/formats.ts';
import { formatQuantity, parseQuantity, QUANTITY_ERROR, type Quantity } from '../../registry/quantity.ts';
import { dns1035Errors } from '../../registry/validation/names.ts';
import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from '../../validation.ts';
import { type AuthorizerAttributes, type AuthorizerDecision, type Call, fn, NO_OVERLOAD, type Overload, sizeOf, traversal } from '../functions.ts';
import { Fault, Opaque, Optional, type Value } from '../values.ts';

const s = (v: Value | undefined): string => (typeof v === 'string' ? v : '');
const held = <T>(v: Value | undefined): T | undefined => (v instanceof Opaque ? (v.held as T) : undefined);
const parseCost = ([v]: readonly Value[]): number => traversal(v);
const NANO = 1_000_000_000n;
const MAX_INT = (1n << 63n) - 1n;

// Quantities.

const quantityValue = (q: Quantity): Value => new Opaque<Quantity>('kubernetes.Quantity', q, String(q.nano));
const nano = (v: Value | undefined): bigint => held<Quantity>(v)?.nano ?? 0n;
const order = (a: bigint, b: bigint): bigint => (a < b ? -1n : a > b ? 1n : 0n);
const isWhole = (q: bigint): boolean => q % NANO === 0n && q / NANO <= MAX_INT && q / NANO >= -MAX_INT - 1n;

function parsedQuantity(v: Value | undefined): Value {
	const q = parseQuantity(v);
	return q === undefined ? new Fault(QUANTITY_ERROR) : quantityValue(q);
}

function changed(a: Value | undefined, by: bigint, format: Quantity['format'] | undefined): Value {
	const q = held<Quantity>(a);
	if (q === undefined) return NO_OVERLOAD;
	return quantityValue({ nano: q.nano + by, format: q.nano === 0n && format !== undefined ? format : q.format });
}

const Q = 'kubernetes.Quantity';
const quantities: readonly Overload[] = [
	fn(`quantity(string) -> ${Q}`, ([v]) => parsedQuantity(v), parseCost),
	fn('isQuantity(string) -> bool', ([v]) => parseQuantity(v) !== undefined, parseCost),
	fn(`sign(${Q}) -> int`, ([q]) => order(nano(q), 0n)),
	fn(`${Q}::isGreaterThan(${Q}) -> bool`, ([a, b]) => nano(a) > nano(b)),
	fn(`${Q}::isLessThan(${Q}) -> bool`, ([a, b]) => nano(a) < nano(b)),
	fn(`${Q}::compareTo(${Q}) -> int`, ([a, b]) => order(nano(a), nano(b))),
	fn(`${Q}::asApproximateFloat() -> double`, ([q]) => Number(nano(q)) / 1e9),
	fn(`${Q}::asInteger() -> int`, ([q]) => (isWhole(nano(q)) ? nano(q) / NANO : new Fault('cannot convert value to integer'))),
	fn(`${Q}::isInteger() -> bool`, ([q]) => isWhole(nano(q))),
	fn(`${Q}::add(${Q}) -> ${Q}`, ([a, b]) => changed(a, nano(b), held<Quantity>(b)?.format)),
	fn(`${Q}::add(int) -> ${Q}`, ([a, b]) => changed(a, (b as bigint) * NANO, undefined)),
	fn(`${Q}::sub(${Q}) -> ${Q}`, ([a, b]) => changed(a, -nano(b), held<Quantity>(b)?.format)),
	fn(`${Q}::sub(int) -> ${Q}`, ([a, b]) => changed(a, -(b as bigint) * NANO, undefined)),
	fn(`string(${Q}) -> string`, ([q]) => formatQuantity(held<Quantity>(q) ?? { nano: 0n, format: 'DecimalSI' })),
];

// Versions (blang/semver).

interface Semver {
	readonly numbers: readonly bigint[];
	readonly pre: readonly string[];
}

const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** With a leading `v`, leading zeros and missing parts mended, where `lenient`. */
function normal(text: string, lenient: boolean): string {
	if (!lenient) return text;
	const [numbers = '', ...rest] = text.replace(/^v/, '').split(/(?=[-+])/);
	const parts = numbers.split('.').map((p) => p.replace(/^0+(?=\d)/, ''));
	while (parts.length < 3 && rest.length === 0) parts.push('0');
	return parts.join('.') + rest.join('');
}

function parseSemver(text: string, lenient: boolean): Semver | undefined {
	const m = SEMVER.exec(normal(text, lenient));
	if (m === null) return undefined;
	const pre = m[4] === undefined ? [] : m[4].split('.');
	if (pre.some((p) => /^0\d+$/.test(p))) return undefined;
	return { numbers: [m[1], m[2], m[3]].map((p) => BigInt(p ?? '0')), pre };
}

function compareSemver(a: Semver, b: Semver): bigint {
	for (let i = 0; i < 3; i++) {
		const d = order(a.numbers[i] ?? 0n, b.numbers[i] ?? 0n);
		if (d !== 0n) return d;
	}
	if (a.pre.length === 0 || b.pre.length === 0) return order(BigInt(b.pre.length > 0), BigInt(a.pre.length > 0));
	for (let i = 0; i < Math.min(a.pre.length, b.pre.length); i++) {
		const d = comparePre(a.pre[i] ?? '', b.pre[i] ?? '');
		if (d !== 0n) return d;
	}
	return order(BigInt(a.pre.length), BigInt(b.pre.length));
}

function comparePre(a: string, b: string): bigint {
	const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)];
	if (x && y) return order(BigInt(a), BigInt(b));
	if (x !== y) return x ? -1n : 1n;
	return a < b ? -1n : a > b ? 1n : 0n;
}

const NO_VERSION: Semver = { numbers: [], pre: [] };
const version = (v: Value | undefined): Semver => held<Semver>(v) ?? NO_VERSION;

function semver(v: Value | undefined, lenient: boolean): Value {
	const found = parseSemver(s(v), lenient);
	if (found === undefined)
		return new Fault(
			s(v).split('.').length < 3 ? 'No Major.Minor.Patch elements found' : `Invalid character(s) found in version number ${JSON.stringify(s(v))}`,
		);
	return new Opaque<Semver>('kubernetes.Semver', found, `${found.numbers.join('.')}-${found.pre.join('.')}`);
}

const V = 'kubernetes.Semver';
const versions: readonly Overload[] = [
	fn(`semver(string) -> ${V}`, ([v]) => semver(v, false), parseCost),
	fn(`semver(string, bool) -> ${V}`, ([v, lenient]) => semver(v, lenient === true), parseCost),
	fn('isSemver(string) -> bool', ([v]) => parseSemver(s(v), false) !== undefined, parseCost),
	fn('isSemver(string, bool) -> bool', ([v, lenient]) => parseSemver(s(v), lenient === true) !== undefined, parseCost),
	fn(`${V}::isGreaterThan(${V}) -> bool`, ([a, b]) => compareSemver(version(a), version(b)) > 0n),
	fn(`${V}::isLessThan(${V}) -> bool`, ([a, b]) => compareSemver(version(a), version(b)) < 0n),
	fn(`${V}::compareTo(${V}) -> int`, ([a, b]) => compareSemver(version(a), version(b))),
	fn(`${V}::major() -> int`, ([v]) => version(v).numbers[0] ?? 0n),
	fn(`${V}::minor() -> int`, ([v]) => version(v).numbers[1] ?? 0n),
	fn(`${V}::patch() -> int`, ([v]) => version(v).numbers[2] ?? 0n),
];

// Formats.

type Check = (text: string) => readonly string[];

const strfmt =
	(format: string, message: string): Check =>
	(text) =>
		checkFormat(format, text) ? [] : [message];
/** A prefix may end in a dash: a letter is put in its place. */
const prefix =
	(check: Check): Check =>
	(text) =>
		check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);

const FORMATS: { readonly [name: string]: { readonly name: string; readonly check: Check; readonly size: number } } = {
	dns1123Label: { name: 'DNS1123Label', check: checkDns1123Label, size: 30 },
	dns1123Subdomain: { name: 'DNS1123Subdomain', check: checkDns1123Subdomain, size: 60 },
	dns1035Label: { name: 'DNS1035Label', check: dns1035Errors, size: 30 },
	qualifiedName: { name: 'QualifiedName', check: checkQualifiedName, size: 60 },
	dns1123LabelPrefix: { name: 'DNS1123LabelPrefix', check: prefix(checkDns1123Label), size: 30 },
	dns1123SubdomainPrefix: { name: 'DNS1123SubdomainPrefix', check: prefix(checkDns1123Subdomain), size: 60 },
	dns1035LabelPrefix: { name: 'DNS1035LabelPrefix', check: prefix(dns1035Errors), size: 30 },
	labelValue: { name: 'LabelValue', check: checkLabelValue, size: 40 },
	uri: { name: 'URI', check: (text) => (checkFormat('uri', text) ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`]), size: 700 },
	uuid: { name: 'uuid', check: strfmt('uuid', 'does not match the UUID format'), size: 70 },
	byte: { name: 'byte', check: strfmt('byte', 'invalid base64'), size: 70 },
	date: { name: 'date', check: strfmt('date', 'invalid date'), size: 110 },
	datetime: { name: 'datetime', check: strfmt('datetime', 'invalid datetime'), size: 110 },
};

type Format = (typeof FORMATS)[string];
const F = 'kubernetes.NamedFormat';
const formatValue = (f: Format): Value => new Opaque<Format>(F, f, f.name);

function validated(f: Value | undefined, text: Value | undefined): Value {
	const found = held<Format>(f)?.check(s(text)) ?? [];
	return new Optional(found.length === 0 ? undefined : found);
}

const formats: readonly Overload[] = [
	fn(`format.named(string) -> optional<${F}>`, ([name]) => new Optional(Object.hasOwn(FORMATS, s(name)) ? formatValue(FORMATS[s(name)] as Format) : undefined)),
	...Object.entries(FORMATS).map(([name, f]) => fn(`format.${name}() -> ${F}`, () => formatValue(f))),
	fn(
		`${F}::validate(string) -> optional<list<string>>`,
		([f, text]) => validated(f, text),
		([f, text]) => {
			return Math.ceil((1 + sizeOf(text)) * 0.1) * Math.ceil((held<Format>(f)?.size ?? 0) * 0.25);
		},
	),
];

// The authorizer.

type Asked = Omit<AuthorizerAttributes, 'verb'>;
const NOBODY: Asked = { group: '', resource: '', subresource: '', namespace: '', name: '' };
/** Kubernetes allows two checks in one expression. */
const CHECK_COST = 350_000;

const of = (name: string): string => `kubernetes.authorization.${name}`;
const check = (type: string, from: Value | undefined, more: Partial<Asked>): Value =>
	new Opaque<Asked>(of(type), { ...(held<Asked>(from) ?? NOBODY), ...more }, undefined);

/** What an expression's variable `authorizer` holds. */
export const authorizerValue = (): Value => check('Authorizer', undefined, {});
/** `authorizer.requestResource`: the resource of the request at hand. */
export const resourceCheckValue = (asked: Partial<Asked>): Value => check('ResourceCheck', undefined, asked);

function decide(asked: Value | undefined, verb: Value | undefined, call: Call): Value {
	const attributes = held<Asked>(asked);
	if (attributes === undefined || call.authorize === undefined) return NO_OVERLOAD;
	return new Opaque<AuthorizerDecision>(of('Decision'), call.authorize({ ...attributes, verb: s(verb) }), undefined);
}

function serviceAccount([a, namespace, name]: readonly Value[]): Value {
	if (checkDns1123Subdomain(s(name)).length > 0) return new Fault('Invalid service account name');
	if (checkDns1123Label(s(namespace)).length > 0) return new Fault('Invalid service account namespace');
	return check('Authorizer', a, { serviceAccount: { namespace: s(namespace), name: s(name) } });
}

const [AUTHORIZER, PATH, GROUP, RESOURCE, DECISION] = [of('Authorizer'), of('PathCheck'), of('GroupCheck'), of('ResourceCheck'), of('Decision')];
const decision = (v: Value | undefined): AuthorizerDecision => held<AuthorizerDecision>(v) ?? { allowed: false, reason: '' };

const authorizers: readonly Overload[] = [
	fn(`${AUTHORIZER}::path(string) -> ${PATH}`, ([a, p]) => (s(p).trim() === '' ? new Fault('path must not be empty') : check('PathCheck', a, { path: s(p) }))),
	fn(`${AUTHORIZER}::group(string) -> ${GROUP}`, ([a, g]) => check('GroupCheck', a, { group: s(g) })),
	fn(`${AUTHORIZER}::serviceAccount(string, string) -> ${AUTHORIZER}`, serviceAccount),
	fn(`${GROUP}::resource(string) -> ${RESOURCE}`, ([g, r]) =>
		s(r).trim() === '' ? new Fault('resource must not be empty') : check('ResourceCheck', g, { resource: s(r) }),
	),
	fn(`${RESOURCE}::subresource(string) -> ${RESOURCE}`, ([r, v]) => check('ResourceCheck', r, { subresource: s(v) })),
	fn(`${RESOURCE}::namespace(string) -> ${RESOURCE}`, ([r, v]) => check('ResourceCheck', r, { namespace: s(v) })),
	fn(`${RESOURCE}::name(string) -> ${RESOURCE}`, ([r, v]) => check('ResourceCheck', r, { name: s(v) })),
	// RBAC takes no notice of selectors.
	fn(
		`${RESOURCE}::fieldSelector(string) -> ${RESOURCE}`,
		([r]) => check('ResourceCheck', r, {}),
		([, v]) => 10 + traversal(v),
	),
	fn(
		`${RESOURCE}::labelSelector(string) -> ${RESOURCE}`,
		([r]) => check('ResourceCheck', r, {}),
		([, v]) => 10 + traversal(v),
	),
	fn(
		`${PATH}::check(string) -> ${DECISION}`,
		([c, verb], call) => decide(c, verb, call),
		() => CHECK_COST,
	),
	fn(
		`${RESOURCE}::check(string) -> ${DECISION}`,
		([c, verb], call) => decide(c, verb, call),
		() => CHECK_COST,
	),
	fn(`${DECISION}::allowed() -> bool`, ([d]) => decision(d).allowed),
	fn(`${DECISION}::reason() -> string`, ([d]) => decision(d).reason),
	fn(`${DECISION}::errored() -> bool`, ([d]) => decision(d).error !== undefined),
	fn(`${DECISION}::error() -> string`, ([d]) => decision(d).error ?? ''),
];

// JSON Patch (mutating policies alone).

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
const patches: readonly Overload[] = [fn('jsonpatch.escapeKey(string) -> string', ([v]) => escapeKey(s(v)), parseCost)];

export const kubernetes: readonly Overload[] = [...quantities, ...versions, ...formats, ...authorizers, ...patches];
