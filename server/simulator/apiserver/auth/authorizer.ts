import type { World } from '../../kernel/world.ts';
import type { UserInfo } from '../types.ts';

export interface Attributes {
	readonly user: UserInfo;
	readonly verb: string;
	readonly group: string;
	readonly version?: string;
	readonly resource?: string;
	readonly subresource?: string;
	readonly namespace?: string;
	readonly name?: string;
	/** A path that is no resource. */
	readonly path?: string;
}

export function authorize(_world: World, _attributes: Attributes): { readonly allowed: boolean; readonly reason: string } {
	return { allowed: true, reason: '' };
}
