/** What a running nginx knows, as plain data; the configuration's model is rebuilt from its sources when needed. */
import type { HttpRequest } from '../../network/types.ts';
import type { Process } from '../program.ts';
import { buildModel } from './config/build.ts';
import type { Location, Model, Server, Settings } from './config/model.ts';
import type { Sources } from './config/syntax.ts';

/** A request on its way through the configuration. */
export interface Exchange {
	readonly connection: string;
	readonly request: HttpRequest;
	readonly remote: string;
	readonly port: number;
	readonly startedAt: number;
	readonly number: number;
	readonly uri: string;
	readonly args: string;
	readonly rewritten: boolean;
	readonly captures: readonly string[];
	readonly set: { readonly [name: string]: string };
	/** The uri, or `@name`, that chose the location. */
	readonly at: string;
	/** Internal redirects so far: more than ten are a cycle. */
	readonly hops: number;
	/** Set while an error_page is served. */
	readonly error?: { readonly status: number; readonly answer?: number | 'inherit' };
}

export interface Proxied extends Exchange {
	/** Key of the upstream's state, and the peers tried. */
	readonly upstream: string;
	readonly tried: readonly string[];
	readonly path: string;
	/** The dial under way, for giving it up. */
	readonly dial?: string;
}

/** An answer of an upstream that is passed on while it comes. */
export interface Passing {
	readonly ex: Proxied;
	readonly status: number;
	readonly peer: string;
	/** Characters that wait for their buffer to fill; undefined where `proxy_buffering` is off. */
	readonly buffered?: string;
	/** Bytes sent so far. */
	readonly bytes: number;
}

export interface UpstreamState {
	readonly next: number;
	readonly fails: { readonly [peer: string]: { readonly count: number; readonly until: number } };
}

export interface Data {
	readonly sources: Sources;
	readonly main: string;
	readonly globals: string;
	/** Addresses of names in the configuration, as found at the last start or reload. nginx never looks them up again. */
	readonly resolved: { readonly [host: string]: readonly string[] };
	readonly upstreams: { readonly [key: string]: UpstreamState };
	readonly pending: { readonly [token: string]: Proxied };
	readonly passing: { readonly [token: string]: Passing };
	readonly requests: number;
	readonly ports: readonly number[];
	readonly stopping: boolean;
	readonly workers: readonly number[];
}

/** Where in the configuration an exchange is. */
export interface Place {
	readonly server: Server;
	readonly location: Location | undefined;
	readonly settings: Settings;
}

export interface Nginx {
	readonly process: Process<Data>;
	/** What proxy_pass does; given in, since it comes back to serving error pages. */
	readonly proxy: (n: Nginx, ex: Exchange, place: Place, pass: string) => void;
	readonly version: string;
	readonly model: Model;
}

/** Models by what they were read from; a pure function's memo. */
const models = new Map<string, Model>();
const MODELS_KEPT = 200;

/** Throws `ConfigError` as `buildModel` does. */
export function modelOf(sources: Sources, main: string, globals: string): Model {
	const key = JSON.stringify([sources, main, globals]);
	const known = models.get(key);
	if (known !== undefined) return known;
	const model = buildModel(sources, main, globals);
	if (models.size >= MODELS_KEPT) models.clear();
	models.set(key, model);
	return model;
}

/** The model of a process's configuration, without building the memo's key anew for every request. */
const bySources = new WeakMap<Sources, Model>();

export function currentModel(data: Data): Model {
	const known = bySources.get(data.sources);
	if (known !== undefined) return known;
	const model = modelOf(data.sources, data.main, data.globals);
	bySources.set(data.sources, model);
	return model;
}
