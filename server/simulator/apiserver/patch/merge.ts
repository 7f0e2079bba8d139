/** RFC 7396 JSON merge patch. Never changes its arguments; untouched parts are shared. */
import { isRecord } from '../equal.ts';

export function mergePatch(target: unknown, patch: unknown): unknown {
	if (!isRecord(patch)) return patch;
	const out: { [key: string]: unknown } = isRecord(target) ? { ...target } : {};
	for (const [k, v] of Object.entries(patch)) {
		if (v === null) delete out[k];
		else define(out, k, mergePatch(Object.hasOwn(out, k) ? out[k] : undefined, v));
	}
	return out;
}

/** Sets an own property whatever its name: `__proto__` is a key like any other. */
export function define(target: { [key: string]: unknown }, key: string, value: unknown): void {
	if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
	else target[key] = value;
}
