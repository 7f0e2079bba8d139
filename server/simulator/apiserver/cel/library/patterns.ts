/** Regular expressions: RE2's syntax. V8's linear engine, which the server turns on, keeps them from backtracking without end. */
import { goRegexp } from '../../regexp/translate.ts';
import { Fault } from '../values.ts';

/** The expression, or what is wrong with it. */
export function pattern(text: string): RegExp | Fault {
	const found = goRegexp(text);
	return found instanceof RegExp ? found : new Fault(found.message);
}
