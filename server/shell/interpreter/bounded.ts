/**
 * Regular expressions that learners write, with a limit on their time: one that backtracks without end would otherwise hold
 * the thread, and everybody's session on it, until the worker counts as hung. V8 looks for the end of a script's time while
 * it backtracks.
 */
import { createContext, Script } from 'node:vm';
import { LIMITS } from '../../limits.ts';
import { ShellError } from './variables.ts';

const context = createContext({});
const script = new Script('run()');
/** Two repetitions are what it takes; anything less is not worth a watch (a quarter of a millisecond). */
const RISKY = /[*+}][\s\S]*[*+}]/;

/** What `use` makes of `expression`. Throws `ShellError` (status 2, as for a pattern that cannot be used) where it takes too long. */
export function bounded<T>(expression: RegExp, use: (expression: RegExp) => T): T {
	if (!RISKY.test(expression.source)) return use(expression);
	let result: { readonly value: T } | undefined;
	context['run'] = () => {
		result = { value: use(expression) };
	};
	try {
		script.runInContext(context, { timeout: LIMITS.patternMs });
	} catch (error) {
		// An error of the other context is no instance of this one's Error.
		if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
			throw new ShellError(`pattern given up after ${LIMITS.patternMs} ms: it backtracks too much`, 2);
		throw error;
	} finally {
		delete context['run'];
	}
	if (result === undefined) throw new ShellError('pattern without a result', 2);
	return result.value;
}
