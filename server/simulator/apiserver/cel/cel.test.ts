import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Activation, compile, type Environment, run } from './environment.ts';
import { escapeName, unescapeName } from './escaping.ts';
import { fromJson, toJson } from './json.ts';
import { LIMITS } from './limits.ts';
import { durationText, timestampText } from './library/times.ts';
import { DYN, INT, listOf, mapOf, STRING, typeText } from './types.ts';
import { Duration, Fault, isList, isMap, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from './values.ts';

const environment: Environment = { variables: { x: DYN, n: INT, words: listOf(STRING), labels: mapOf(STRING, STRING) } };
const given: { readonly [name: string]: unknown } = {
	x: { a: 1, b: [1, 2], c: 'text', d: null, 'e-f': true },
	n: 5,
	words: ['b', 'a'],
	labels: { app: 'web', tier: 'db' },
};
const activation: Activation = { variable: (name) => (Object.hasOwn(given, name) ? fromJson(given[name]) : undefined) };

/** A value as a test names it: JSON, with what JSON lacks spelt out; a fault as `! its message`. */
function shown(v: Value): unknown {
	if (v instanceof Fault) return `! ${v.message}`;
	if (typeof v === 'bigint') return Number(v);
	if (v instanceof Uint) return `${v.value}u`;
	if (v instanceof Timestamp) return timestampText(v.nanos);
	if (v instanceof Duration) return durationText(v.nanos);
	if (v instanceof Optional) return v.value === undefined ? 'none' : { some: shown(v.value) };
	if (v instanceof TypeValue) return `type ${v.name}`;
	if (v instanceof Opaque) return `${v.type} ${v.key ?? ''}`;
	if (v instanceof Uint8Array) return `bytes ${[...v].join(' ')}`;
	if (isList(v)) return v.map(shown);
	return isMap(v) ? Object.fromEntries(v.keys().map((k) => [String(toJson(k)), shown(v.get(k) ?? null)])) : v;
}

function evaluate(source: string): unknown {
	const compiled = compile(source, environment);
	return 'error' in compiled ? compiled.error : shown(run(compiled, activation));
}

const table = (name: string, rows: readonly (readonly [string, unknown])[]): void => {
	describe(name, () => it.each(rows)('%s', (source, expected) => expect(evaluate(source)).toEqual(expected)));
};

table('arithmetic and comparison', [
	['1 + 2 * 3 - 4 / 2', 5],
	['-7 / 2', -3],
	['-7 % 3', -1],
	['7u + 1u', '8u'],
	['0x1F', 31],
	['1.5e3 + 0.5', 1500.5],
	['9223372036854775807 + 1', '! integer overflow'],
	['-9223372036854775808 - 1', '! integer overflow'],
	['0u - 1u', '! unsigned integer overflow'],
	['1 / 0', '! division by zero'],
	['1 % 0', '! modulus by zero'],
	['1.0 / 0.0 > 1.0', true],
	['1 < 1.5 && 2u > 1', true],
	['dyn(1) == 1.0 && dyn(1u) == 1', true],
	["'a' < 'b' && b'a' < b'b' && false < true", true],
	['x.c > 1', '! no such overload'],
	['x.a + x.c', '! no such overload'],
]);

table('logic', [
	['true || 1 / 0 == 1', true],
	['1 / 0 == 1 || true', true],
	['false && 1 / 0 == 1', false],
	['1 / 0 == 1 && false', false],
	['true && 1 / 0 == 1', '! division by zero'],
	['n > 3 ? "big" : "small"', 'big'],
	['!(n > 3)', false],
]);

table('selection and presence', [
	['x.a', 1],
	['x.nothing', '! no such key: nothing'],
	['x.b[1]', 2],
	['x.b[2]', '! index out of bounds: 2'],
	['x["e-f"]', true],
	['has(x.a) && !has(x.nothing)', true],
	['has(x.d) && x.d == null', true],
	['x.d.e', '! no such key: e'],
	["'app' in labels && !('none' in labels)", true],
	['x.?nothing.deeper', 'none'],
	['x.?a', { some: 1 }],
	['x[?"b"][?0].orValue(9)', 1],
	['x.?nothing.orValue("else")', 'else'],
	['optional.of(1).optMap(v, v + 1)', { some: 2 }],
	['optional.none().hasValue()', false],
	['[?x.?nothing, 2]', [2]],
	['{?"k": x.?nothing, "l": 1}', { l: 1 }],
	['optional.none().value()', '! optional.none() dereference'],
]);

table('comprehensions', [
	['[1, 2, 3].all(i, i > 0)', true],
	['[1, 2, 3].exists(i, i > 2)', true],
	['[1, 2, 2].exists_one(i, i == 2)', false],
	['[0, 2].exists(i, 4 / i == 2)', true],
	['[0, 2].all(i, 4 / i == 3)', false],
	['[0].all(i, 4 / i == 2)', '! division by zero'],
	['[1, 2, 3].map(i, i * i)', [1, 4, 9]],
	['[1, 2, 3].map(i, i > 1, i * i)', [4, 9]],
	['[1, 2, 3].filter(i, i % 2 == 1)', [1, 3]],
	['labels.map(k, k)', ['app', 'tier']],
	['labels.all(k, v, k.size() + v.size() > 3)', true],
	['[5, 6].exists(i, v, i == 1 && v == 6)', true],
	['[5, 6].transformList(i, v, i * v)', [0, 6]],
	['labels.transformMap(k, v, v + "!")', { app: 'web!', tier: 'db!' }],
	['labels.transformMapEntry(k, v, {v: k})', { web: 'app', db: 'tier' }],
	['[[1], [2]].map(l, l.map(i, i + n))', [[6], [7]]],
	['cel.bind(twice, n * 2, twice + twice)', 20],
]);

table('texts', [
	['"héllo".size()', 5],
	['"tacocat".charAt(3)', 'o'],
	['"abcabc".indexOf("c", 3)', 5],
	['"abcabc".lastIndexOf("b")', 4],
	['"TaCo".lowerAscii() + "TaCo".upperAscii()', 'tacoTACO'],
	['"a-b-c".replace("-", "+", 1)', 'a+b-c'],
	['"ab".replace("", "_")', '_a_b_'],
	['"a,b,c".split(",", 2)', ['a', 'b,c']],
	['"tacocat".substring(4) + "tacocat".substring(0, 4)', 'cattaco'],
	['"ab".substring(3)', '! index out of range: 3'],
	['" \\t trim\\n".trim()', 'trim'],
	['words.join("-")', 'b-a'],
	['"abc123".matches("^[a-z]+[0-9]+$")', true],
	['"abc 123 45".find("[0-9]+")', '123'],
	['"1 22 333".findAll("[0-9]+", 2)', ['1', '22']],
	['"a".startsWith("") && "abc".endsWith("bc") && "abc".contains("b")', true],
	['"%s is %d of %.2f, %x %b %e %%".format([dyn("x"), 3, 2.5, 255, 5, 1234.5])', 'x is 3 of 2.50, ff 101 1.234500e+03 %'],
	['"%s %s %s %s".format([dyn([1, 2]), {"k": 1}, duration("90s"), null])', '[1, 2] {k: 1} 90s null'],
	['"%d".format(["x"])', '! error during formatting: decimal clause can only be used on integers, was given string'],
	['"%s %s".format(["x"])', '! index 1 out of range'],
	['strings.quote("a\\"b")', '"a\\"b"'],
	["r'\\d' + '''x'y'''", "\\dx'y"],
	['"\\u00e9\\x41\\101"', 'éAA'],
	["b'\\xff' + b'é'", 'bytes 255 195 169'],
]);

table('lists and sets', [
	['[1, 2].sum() + [3].sum()', 6],
	['[1.5, 2.5].sum()', 4],
	['[3, 1, 2].max() - [3, 1, 2].min()', 2],
	['[].isSorted() && [1, 2, 2].isSorted()', true],
	['words.indexOf("a") + words.lastIndexOf("z")', 0],
	['[1, 2, 3, 4].slice(1, 3)', [2, 3]],
	['[1, 1, 2].distinct()', [1, 2]],
	['words.sort()', ['a', 'b']],
	['[1, 2, 3].reverse().first()', { some: 3 }],
	['lists.range(3)', [0, 1, 2]],
	['["aaa", "b"].sortBy(w, w.size())', ['b', 'aaa']],
	['sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])', true],
	['[1, 2] + [3] == [1, 2, 3]', true],
	['2 in [1, 2] && !(3 in [1, 2])', true],
	['{"a": 1, "b": 2} == {"b": 2, "a": 1}', true],
	['{"a": 1, "a": 2}', '! duplicate key in map: a'],
]);

table('times', [
	['timestamp("2026-02-28T23:30:00Z") + duration("1h")', '2026-03-01T00:30:00Z'],
	['timestamp("2026-01-02T00:00:00Z") - timestamp("2026-01-01T12:00:00Z")', '43200s'],
	['timestamp("2026-07-01T00:30:00.123456789Z")', '2026-07-01T00:30:00.123456789Z'],
	['timestamp("2026-07-04T05:06:07Z").getDayOfWeek()', 6],
	['timestamp("2026-07-04T05:06:07Z").getMonth()', 6],
	['timestamp("2026-07-04T05:06:07Z").getDate("Asia/Seoul")', 4],
	['timestamp("2026-07-04T05:06:07Z").getHours("America/New_York")', 1],
	['timestamp("2026-07-04T05:06:07Z").getHours("-02:30")', 2],
	['timestamp("2026-07-04T05:06:07Z").getHours("Nowhere/Land")', '! unknown time zone Nowhere/Land'],
	['duration("1h30m5s250ms").getSeconds()', 5405],
	['duration("1.5s").getMilliseconds()', 500],
	['string(duration("90m"))', '5400s'],
	['int(timestamp("1970-01-02T00:00:00Z"))', 86400],
]);

table('conversions and types', [
	['int("42") + int(3.9) + int(2u)', 47],
	['int("x")', '! strconv.ParseInt: parsing "x": invalid syntax'],
	['double("1.5") + double(1)', 2.5],
	['string(1.0) + string(true) + string(b"ok") + string(12u)', '1trueok12'],
	['bool("true")', true],
	['bool("constructor")', "! type conversion error from 'string' to 'bool'"],
	['x.constructor', '! no such key: constructor'],
	['x.__proto__', '! no such key: __proto__'],
	['has(x.toString)', false],
	['{"__proto__": 1}.size()', 1],
	['type(n) == int && type(words) == list && type("") != int', true],
	['type(timestamp("2026-01-01T00:00:00Z")) == google.protobuf.Timestamp', true],
	['string(b"\\xff")', '! invalid UTF-8 in bytes, cannot convert to string'],
]);

table("Kubernetes' own", [
	['quantity("1.5Gi").isGreaterThan(quantity("1500Mi"))', true],
	['quantity("200m").add(quantity("1")).compareTo(quantity("1200m"))', 0],
	['string(quantity("50Mi").add(20))', '52428820'],
	['quantity("1k").asInteger() + sign(quantity("-1"))', 999],
	['quantity("200m").asInteger()', '! cannot convert value to integer'],
	['isQuantity("1Kb") || quantity("0.5").isInteger()', false],
	['quantity("1") == quantity("1000m")', true],
	['ip("192.168.0.1").family() + ip("::1").family()', 10],
	['ip("::ffff:1.2.3.4")', '! IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
	['isIP("1.2.3") || ip("127.0.0.1").isGlobalUnicast()', false],
	['ip("2001:DB8:0:0::1") == ip("2001:db8::1") && ip.isCanonical("2001:db8::1")', true],
	['cidr("192.168.0.0/16").containsIP("192.168.9.9") && cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16")', true],
	['string(cidr("192.168.1.5/24").masked()) + string(cidr("192.168.1.5/24").prefixLength())', '192.168.1.0/2424'],
	['url("https://user@example.com:8080/a%20b?x=1&x=2").getHostname() + url("https://h:80/").getPort()', 'example.com80'],
	['url("https://h/?x=1&x=2").getQuery()', { x: ['1', '2'] }],
	['isURL("../relative")', false],
	['semver("1.2.3").isLessThan(semver("1.10.0")) && semver("1.0.0-rc.1").compareTo(semver("1.0.0")) < 0', true],
	['isSemver("v1.2") || !isSemver("v1.2", true)', false],
	['semver("v01.2", true).minor()', 2],
	['format.dns1123Label().validate("My-Name").value().size()', 1],
	['format.named("uuid").value().validate("nope")', { some: ['does not match the UUID format'] }],
	['format.named("odd").hasValue()', false],
]);

describe('faults found before anything runs', () => {
	it.each<readonly [string, string]>([
		['y', "ERROR: <input>:1:1: undeclared reference to 'y' (in container '')\n | y\n | ^"],
		['n + "a"', "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | n + \"a\"\n | ..^"],
		['n.field', "ERROR: <input>:1:2: type 'int' does not support field selection\n | n.field\n | .^"],
		['words.all(w, w)', "ERROR: <input>:1:10: found no matching overload for '_&&_' applied to '(bool, string)'"],
		[
			'n.all(i, true)',
			"ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | n.all(i, true)\n | ^",
		],
		['[1, "a"]', "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, \"a\"]\n | ....^"],
		['nope(1)', "ERROR: <input>:1:5: undeclared reference to 'nope' (in container '')\n | nope(1)\n | ....^"],
		[
			'"a".startsWith(n)',
			"ERROR: <input>:1:15: found no matching overload for 'startsWith' applied to 'string.(int)'\n | \"a\".startsWith(n)\n | ..............^",
		],
		['has(n)', 'ERROR: <input>:1:5: invalid argument to has() macro\n | has(n)\n | ....^'],
		['duration("1x")', 'ERROR: <input>:1:10: invalid duration argument\n | duration("1x")\n | .........^'],
		['"a".matches("(")', 'ERROR: <input>:1:13: invalid matches argument\n | "a".matches("(")\n | ............^'],
		['namespace', 'ERROR: <input>:1:1: reserved identifier: namespace\n | namespace\n | ^'],
		['n ==\n  "a"', "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, string)'\n | n ==\n | ..^"],
		['99999999999999999999', 'ERROR: <input>:1:1: invalid int literal\n | 99999999999999999999\n | ^'],
	])('%s', (source, expected) => {
		const compiled = compile(source, environment);
		expect('error' in compiled ? compiled.error : typeText(compiled.type)).toContain(`compilation failed: ${expected}`);
	});

	it.each(['', '1 +', '(1', '[1', '{', 'a b', '"open', '1.', '`a`', '@x', 'x.', 'x.(1)', '{1:}', '!', '--', 'x ? 1', '\u0000', 'x["a"'])(
		'%j is refused with a place',
		(source) => {
			const compiled = compile(source, environment);
			expect('error' in compiled ? compiled.error : typeText(compiled.type)).toMatch(/^compilation failed: ERROR: <input>:\d+:\d+: /);
		},
	);

	it('names every fault, in the order of their places', () => {
		const compiled = compile('y + z', environment);
		expect('error' in compiled ? compiled.issues.map((i) => i.pos) : []).toEqual([0, 4]);
	});
});

describe('any text', () => {
	const pieces = [
		'x',
		'n',
		'.a',
		'[',
		']',
		'(',
		')',
		'{',
		'}',
		':',
		'?',
		',',
		'+',
		'-',
		'!',
		'&&',
		'==',
		'in',
		'1',
		"'t'",
		'has(',
		'all(i, ',
		'size()',
		'optional.of(',
		'dyn(',
	];
	it('is compiled or refused with a place, and comes to a value or a fault', () => {
		const text = fc.oneof(
			fc.string(),
			fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((p) => p.join('')),
		);
		fc.assert(
			fc.property(text, (source) => {
				const compiled = compile(source, environment);
				if ('error' in compiled) expect(compiled.error).toMatch(/^compilation failed: ERROR: <input>:\d+:\d+: /);
				else expect(run(compiled, activation)).not.toBe(undefined);
			}),
			{ numRuns: 2000 },
		);
	});
});

describe('limits', () => {
	it('ends nesting, long evaluations and huge lists', () => {
		expect(evaluate(`${'('.repeat(LIMITS.depth + 1)}1${')'.repeat(LIMITS.depth + 1)}`)).toContain(`expression recursion limit exceeded: ${LIMITS.depth}`);
		expect(evaluate('lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))')).toBe('! operation cancelled: actual cost limit exceeded');
		expect(evaluate('lists.range(100000000).size()')).toBe('! range too large');
	});

	it('takes what evaluations cost off a budget', () => {
		const compiled = compile('[1, 2].all(i, i > 0)', environment);
		const budget = { remaining: LIMITS.runtime as number };
		if (!('error' in compiled)) run(compiled, { ...activation, budget });
		expect(LIMITS.runtime - budget.remaining).toBeGreaterThan(10);
		expect(LIMITS.runtime - budget.remaining).toBeLessThan(40);
	});

	it('keeps a bounded number of compiled expressions', () => {
		const own: Environment = { variables: {} };
		const first = compile('0 + 0', own);
		expect(compile('0 + 0', own)).toBe(first);
		for (let i = 0; i <= LIMITS.programs; i++) compile(`${i} + 1`, own);
		expect(compile('0 + 0', own)).not.toBe(first);
	});
});

describe('names of fields', () => {
	it.each([
		['plain', 'plain'],
		['a-b', 'a__dash__b'],
		['a.b/c', 'a__dot__b__slash__c'],
		['a__b', 'a__underscores__b'],
		['namespace', '__namespace__'],
	])('%s', (name, escaped) => {
		expect(escapeName(name)).toBe(escaped);
		expect(unescapeName(escaped)).toBe(name);
	});
	it('without a way to write them have none', () => {
		expect([escapeName('1a'), escapeName('a b'), escapeName(''), unescapeName('a__odd__b'), unescapeName('__constructor__')]).toEqual([
			undefined,
			undefined,
			undefined,
			undefined,
			undefined,
		]);
	});
});
