import { describe, expect, it } from 'vitest';
import { labelsKey, type Series, scraped } from '../series.ts';
import { queryPromql } from './evaluate.ts';
import { EXPRESSION_DEPTH, EXPRESSION_LENGTH } from './parse.ts';
import type { Value } from './syntax.ts';

const T = 1_000_000_000;
const every15 = (values: readonly number[]): Pick<Series, 'times' | 'values'> => ({
	values,
	times: values.map((_v, i) => T - (values.length - 1 - i) * 15_000),
});
const DATA: readonly Series[] = [
	{ labels: { __name__: 'requests_total', pod: 'a', code: '200' }, ...every15([0, 15, 30, 45, 60]) },
	{ labels: { __name__: 'requests_total', pod: 'a', code: '500' }, ...every15([0, 0, 0, 15, 30]) },
	{ labels: { __name__: 'requests_total', pod: 'b', code: '200' }, ...every15([100, 130, 10, 40, 70]) },
	{ labels: { __name__: 'queue', pod: 'a' }, ...every15([4, 8, 12]) },
	{ labels: { __name__: 'queue', pod: 'b' }, ...every15([1, 1, 1]) },
	{ labels: { __name__: 'limit', pod: 'a', zone: 'x' }, ...every15([6]) },
	{ labels: { __name__: 'lat_bucket', le: '0.1' }, ...every15([10]) },
	{ labels: { __name__: 'lat_bucket', le: '0.5' }, ...every15([30]) },
	{ labels: { __name__: 'lat_bucket', le: '+Inf' }, ...every15([40]) },
];

const ask = (text: string): Value | string => {
	const result = queryPromql(text, { series: () => DATA }, T);
	return result.ok ? result.value : result.error;
};
const vector = (text: string): { readonly [labels: string]: number } => {
	const value = ask(text);
	if (typeof value === 'string' || value.type !== 'vector') throw new Error(`${text}: ${JSON.stringify(value)}`);
	return Object.fromEntries(value.samples.map((s) => [labelsKey(s.labels).replaceAll('\u0001', '=').replaceAll('\u0002', ','), Number(s.value.toFixed(6))]));
};

describe('PromQL', () => {
	it('selects by matchers', () => {
		expect(vector('queue')).toEqual({ '__name__=queue,pod=a': 12, '__name__=queue,pod=b': 1 });
		expect(vector('queue{pod=~"b|c"}')).toEqual({ '__name__=queue,pod=b': 1 });
		expect(vector('{__name__=~"^que.*",pod!="b"}')).toEqual({ '__name__=queue,pod=a': 12 });
		expect(vector('queue offset 30s')).toEqual({ '__name__=queue,pod=a': 4, '__name__=queue,pod=b': 1 });
	});

	it('takes rates over resets and draws them out to the ends of the window', () => {
		// 60 within 60 s of samples, the window ends at the last one: (60 × 60/60) / 60.
		expect(vector('rate(requests_total{pod="a",code="200"}[1m])')).toEqual({ 'code=200,pod=a': 1 });
		// 30 + (10 after a reset) + 30 + 30 = 100, one interval before the first sample lies outside.
		expect(vector('sum(increase(requests_total{pod="b"}[2m]))')).toEqual({ '': 112.5 });
		expect(vector('irate(requests_total{code="500"}[1m])')).toEqual({ 'code=500,pod=a': 1 });
	});

	it('aggregates by labels and without them', () => {
		expect(vector('sum(requests_total) by (pod)')).toEqual({ 'pod=a': 90, 'pod=b': 70 });
		expect(vector('max without (pod) (queue)')).toEqual({ '': 12 });
		expect(vector('topk(1, queue)')).toEqual({ '__name__=queue,pod=a': 12 });
		expect(vector('count(queue > 5)')).toEqual({ '': 1 });
		expect(vector('avg_over_time(queue[1m])')).toEqual({ 'pod=a': 8, 'pod=b': 1 });
	});

	it('matches two vectors', () => {
		expect(vector('sum(requests_total{code="500"}) by (pod) / sum(requests_total) by (pod)')).toEqual({ 'pod=a': 0.333333 });
		expect(vector('queue / on(pod) group_left(zone) limit')).toEqual({ 'pod=a,zone=x': 2 });
		expect(vector('queue unless limit{zone="y"} and queue == 1')).toEqual({ '__name__=queue,pod=b': 1 });
		expect(ask('queue + on(zone) queue')).toContain('many-to-many matching not allowed');
	});

	it('knows scalars, precedence and histograms', () => {
		expect(ask('1 + 2 * 3 ^ 2 ^ 0 - -1')).toEqual({ type: 'scalar', value: 8 });
		expect(vector('histogram_quantile(0.5, lat_bucket)')).toEqual({ '': 0.3 });
		expect(vector('clamp_max(queue, 10) * 2')).toEqual({ 'pod=a': 20, 'pod=b': 2 });
		expect(vector('absent(nothing{pod="z"})')).toEqual({ 'pod=z': 1 });
	});

	it.each([
		['sum(', 'parse error: unexpected end of input'],
		['queue{pod="a"', 'parse error: unexpected end of input'],
		['rate(queue)', 'parse error: expected type range vector in call to function "rate"'],
		['nosuch(queue)', 'parse error: unknown function with name "nosuch"'],
		['queue[5m]', 'parse error: expected type instant vector, got range vector'],
		['queue ~ 3', '6: parse error: unexpected character: "~"'],
		['{}', 'parse error: vector selector must contain at least one non-empty matcher'],
		['queue{pod=~"(a+)+"}', 'the regular expression "(a+)+" is too much to evaluate'],
		['1 == 1', 'parse error: comparisons between scalars must use BOOL modifier'],
	])('says what is wrong with %s', (text, error) => {
		expect(ask(text)).toBe(error);
	});

	it('keeps to its ceilings', () => {
		expect(ask('1'.repeat(EXPRESSION_LENGTH + 1))).toContain(`longer than ${EXPRESSION_LENGTH}`);
		expect(ask(`${'('.repeat(EXPRESSION_DEPTH + 1)}1${')'.repeat(EXPRESSION_DEPTH + 1)}`)).toContain(`more than ${EXPRESSION_DEPTH} levels`);
	});
});

describe('the text format', () => {
	it('is read with escapes, colons and infinities', () => {
		const page = '# HELP x y\n# TYPE x gauge\nvllm:x{a="q\\"\\n",b="2",} 1.5e3\nplain +Inf 1700000000000\nbroken{a=1} x y\n\n';
		expect(scraped(page)).toEqual([
			{ name: 'vllm:x', labels: { a: 'q"\n', b: '2' }, value: 1500 },
			{ name: 'plain', labels: {}, value: Number.POSITIVE_INFINITY },
		]);
		expect(scraped(page, (name) => name === 'plain')).toHaveLength(1);
	});
});
