import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	addQuantities,
	canonicalQuantity,
	compareQuantities,
	parseQuantity,
	QuantityError,
	quantityMilli,
	quantityValue,
	subtractQuantities,
} from './quantity.ts';

describe('canonicalQuantity', () => {
	// Pairs from apimachinery's quantity_test.go and from `kubectl get -o yaml`.
	it.each([
		['1000m', '1'],
		['0.5', '500m'],
		['1.5', '1500m'],
		['100m', '100m'],
		['1024Mi', '1Gi'],
		['1.5Gi', '1536Mi'],
		['1000Ki', '1000Ki'],
		['0.5Ki', '512'],
		['1Ki', '1Ki'],
		['1e3', '1e3'],
		['1000', '1k'],
		['1500', '1500'],
		['1000000', '1M'],
		['12.50', '12500m'],
		['0', '0'],
		['0Mi', '0'],
		['.5', '500m'],
		['5.', '5'],
		['0.1n', '1n'],
		['-1500m', '-1500m'],
		['100Mi', '100Mi'],
		['1Ei', '1Ei'],
		['5e-324', '1e-9'],
		['0e-999999', '0'],
		['1e999999', '9223372036854775807'],
	])('%s → %s', (text, canonical) => {
		expect(canonicalQuantity(text)).toBe(canonical);
	});

	it('takes numbers as JSON has them', () => {
		expect(canonicalQuantity(2)).toBe('2');
		expect(canonicalQuantity(0.25)).toBe('250m');
	});

	it.each(['', 'abc', '1x', '1 Gi', '--1', '1.2.3', 'Gi'])('refuses %j', (text) => {
		expect(() => canonicalQuantity(text)).toThrow(QuantityError);
	});

	it('is stable and keeps the amount', () => {
		const amount = fc.tuple(fc.nat(100_000), fc.constantFrom('', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'u', 'n'));
		fc.assert(
			fc.property(amount, ([n, suffix]) => {
				const once = canonicalQuantity(`${n}${suffix}`);
				expect(canonicalQuantity(once)).toBe(once);
				expect(parseQuantity(once)?.nano).toBe(parseQuantity(`${n}${suffix}`)?.nano);
			}),
		);
	});
});

describe('arithmetic', () => {
	it('adds and subtracts in the first format', () => {
		expect(addQuantities('500m', '750m')).toBe('1250m');
		expect(addQuantities('1Gi', '512Mi')).toBe('1536Mi');
		expect(addQuantities('0', '1Gi')).toBe('1Gi');
		expect(subtractQuantities('2', '500m')).toBe('1500m');
		expect(subtractQuantities('1', '2')).toBe('-1');
	});

	it('undoes what it adds', () => {
		fc.assert(
			fc.property(fc.nat(), fc.nat(), (a, b) => {
				expect(compareQuantities(subtractQuantities(addQuantities(`${a}m`, `${b}m`), `${b}m`), `${a}m`)).toBe(0);
			}),
		);
	});

	it('rounds up to whole units', () => {
		expect(quantityMilli('1.0005')).toBe(1001);
		expect(quantityValue('1500m')).toBe(2);
		expect(quantityValue('1Gi')).toBe(1_073_741_824);
		expect(quantityMilli('nonsense')).toBe(0);
	});
});
