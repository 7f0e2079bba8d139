/**
 * Properties are tried on the same inputs on every run, so that a change is told by what it breaks and not by the day's luck.
 * `FOOTHOLD_SEED=random npm run unit -- fuzz` goes looking for others; a number tries those of that seed again.
 */
import fc from 'fast-check';

const SEED = 20_261_121;
const wanted = process.env['FOOTHOLD_SEED'] ?? String(SEED);
if (wanted !== 'random' && !/^-?\d+$/.test(wanted)) throw new Error(`FOOTHOLD_SEED is “${wanted}”: a whole number, or random`);
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
