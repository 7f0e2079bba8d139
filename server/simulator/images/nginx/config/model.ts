/** A checked configuration in the form in which requests use it. */

/** Settings that a block inherits from the one around it. */
export interface Settings {
	readonly root: string;
	readonly index: readonly string[];
	readonly errorPages: readonly { readonly codes: readonly number[]; readonly answer?: number | 'inherit'; readonly uri: string }[];
	readonly accessLog: readonly { readonly path: string; readonly format: string }[];
	readonly errorLog: { readonly path: string; readonly level: string };
	readonly proxyHeaders: readonly (readonly [string, string])[];
	readonly addHeaders: readonly { readonly name: string; readonly value: string; readonly always: boolean }[];
	readonly connectTimeoutMs: number;
	readonly readTimeoutMs: number;
	readonly nextUpstream: readonly string[];
	readonly interceptErrors: boolean;
	readonly buffering: boolean;
	readonly maxBody: number;
	readonly defaultType: string;
	readonly types: { readonly [extension: string]: string };
	readonly serverTokens: boolean;
	readonly autoindex: boolean;
	readonly hasResolver: boolean;
	readonly hideHeaders: readonly string[];
	readonly access: readonly { readonly allow: boolean; readonly from: string }[];
}

export type Step =
	| { readonly kind: 'return'; readonly code: number; readonly text: string }
	| { readonly kind: 'rewrite'; readonly regex: string; readonly to: string; readonly flag: string }
	| { readonly kind: 'set'; readonly name: string; readonly value: string }
	| { readonly kind: 'break' }
	| { readonly kind: 'if'; readonly condition: readonly string[]; readonly steps: readonly Step[] };

export interface Location {
	readonly modifier: '' | '=' | '^~' | '~' | '~*' | '@';
	readonly pattern: string;
	readonly settings: Settings;
	readonly steps: readonly Step[];
	readonly alias?: string;
	readonly tryFiles?: readonly string[];
	readonly proxyPass?: string;
	readonly stubStatus: boolean;
	readonly internal: boolean;
	readonly locations: readonly Location[];
}

export interface Server {
	readonly listen: readonly { readonly port: number; readonly tls: boolean; readonly isDefault: boolean; readonly local: boolean }[];
	readonly names: readonly string[];
	readonly settings: Settings;
	readonly steps: readonly Step[];
	readonly tryFiles?: readonly string[];
	readonly locations: readonly Location[];
}

export interface Peer {
	readonly host: string;
	readonly port: number;
	readonly maxFails: number;
	readonly failTimeoutMs: number;
	readonly backup: boolean;
	readonly weight: number;
}

export interface Model {
	readonly daemon: boolean;
	readonly user?: { readonly name: string; readonly at: string };
	readonly pid: string;
	readonly workers: number;
	readonly errorLog: string;
	readonly temp: readonly string[];
	readonly servers: readonly Server[];
	readonly upstreams: { readonly [name: string]: readonly Peer[] };
	readonly maps: readonly { readonly source: string; readonly name: string; readonly cases: readonly (readonly [string, string])[] }[];
	readonly formats: { readonly [name: string]: string };
	/** Names to be resolved before start: host → where it is written (`upstream "db" in /etc/…:3`). */
	readonly hosts: readonly { readonly host: string; readonly at: string }[];
	readonly certificates: readonly string[];
	readonly warnings: readonly string[];
}
