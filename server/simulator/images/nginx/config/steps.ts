/** return, rewrite, set, break and if: what happens to a request on its way in. */
import type { Step } from './model.ts';
import type { Directive } from './syntax.ts';
import { check, checkRegex, fail } from './values.ts';

/** The directives of the rewrite module in a block, in their order. */
export function stepsOf(block: readonly Directive[]): readonly Step[] {
	return block.flatMap((d): readonly Step[] => {
		switch (d.name) {
			case 'return':
				return [returnStep(d)];
			case 'rewrite':
				checkRegex(d, d.args[0] ?? '');
				return [{ kind: 'rewrite', regex: d.args[0] ?? '', to: d.args[1] ?? '', flag: d.args[2] ?? '' }];
			case 'set':
				if (!(d.args[0] ?? '').startsWith('$')) fail(d, `invalid variable name "${d.args[0]}"`);
				return [{ kind: 'set', name: (d.args[0] ?? '').slice(1), value: d.args[1] ?? '' }];
			case 'break':
				return [{ kind: 'break' }];
			case 'if': {
				for (const inner of d.block ?? []) check(inner, 'if');
				if (!(d.args[0] ?? '').startsWith('(')) fail(d, `invalid condition "${d.args[0]}"`);
				const words = d.args
					.join('\u0000')
					.replace(/^\(/, '')
					.replace(/\)$/, '')
					.split('\u0000')
					.filter((w) => w !== '');
				return [{ kind: 'if', condition: words, steps: stepsOf(d.block ?? []) }];
			}
			default:
				return [];
		}
	});
}

function returnStep(d: Directive): Step {
	const [first = '', second] = d.args;
	const code = Number(first);
	if (second === undefined && /^(https?:\/\/|\$scheme)/.test(first)) return { kind: 'return', code: 302, text: first };
	if (!Number.isInteger(code) || code < 0 || code > 999) fail(d, `invalid return code "${first}"`);
	return { kind: 'return', code, text: second ?? '' };
}
