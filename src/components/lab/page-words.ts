/** The words of the lab page, as the page carries them. */
import { wordsOf } from '../../lib/i18n/words-of.ts';

export const t = wordsOf('lab');
