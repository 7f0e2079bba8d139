import { expect, it } from 'vitest';
import { readsInput } from './utility-input.ts';

it.each([
	['wc', '-l', true],
	['wc', '-l f', false],
	['cut', '-d : -f 1', true],
	['sort', '-t : -k 2', true],
	['cut', '-d: -f1 f', false],
	['grep', '-A 3 x', true],
	['grep', 'x f', false],
	['grep', '-e x f', false],
	['grep', '-e x', true],
	['sed', '-n s/a/b/p', true],
	['sed', '-i s/a/b/ f', false],
	['awk', '-F : {print}', true],
	['cat', '- f', true],
	['diff', '- f', true],
	['mkdir', 'd', false],
	['tr', 'a b', true],
	['jq', '-r .a', true],
	['jq', '.a f.json', false],
])('%s %s reads its input: %s', (name, args, reads) => {
	expect(readsInput(name, args.split(' '))).toBe(reads);
});
