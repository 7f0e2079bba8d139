import type { Me } from '../../server/protocol/http.ts';
import { getMe } from './api.ts';

let asked: Promise<Me> | undefined;

/** Who is here; asked once a page. */
export function me(): Promise<Me> {
	asked ??= getMe();
	return asked;
}
