/**
 * Patterns come from learners: in their containers' scripts, in CustomResourceDefinitions. Where one backtracks without end
 * V8 goes over to its linear engine (for what that knows: no back-references, no look-around). Import this before anything else.
 * FOOTHOLD_BACKTRACKING=1 leaves it out, for tests that need a worker to hang.
 */
import { setFlagsFromString } from 'node:v8';

if (process.env['FOOTHOLD_BACKTRACKING'] !== '1') setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
