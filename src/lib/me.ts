import type { Me } from '../../server/protocol/http.ts';
import { getMe } from './api.ts';

/** Where signing in begins, to end on this page. */
export const signInHere = (): string => `/sign-in/start?to=${encodeURIComponent(location.pathname + location.search + location.hash)}`;

let asked: Promise<Me> | undefined;

/** Who is here; asked once a page. */
export function me(): Promise<Me> {
	asked ??= getMe();
	return asked;
}
