/** An object to create: where, and what. */
export interface BootObject {
	/** As in `ApiClient`: `v1/services`. */
	readonly path: string;
	readonly namespace?: string;
	readonly object: { readonly [field: string]: unknown };
}
