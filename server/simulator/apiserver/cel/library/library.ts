/** Every function that an expression may call in Kubernetes 1.36, by name (`apiserver/pkg/cel/environment/base.go`). */
import type { Overload } from '../functions.ts';
import { kubernetes } from './kubernetes.ts';
import { collections } from './lists.ts';
import { net } from './net.ts';
import { operators } from './operators.ts';
import { strings } from './strings.ts';
import { times } from './times.ts';

/** jsonpatch.escapeKey is declared as part of the JSON Patch library, which all environments of policies have. */
export const LIBRARY: ReadonlyMap<string, readonly Overload[]> = Map.groupBy(
	[...operators, ...strings, ...collections, ...times, ...net, ...kubernetes],
	(o) => o.fn,
);
