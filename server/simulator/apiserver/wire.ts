/** The API server's outer face as plain data: an HTTP request taken in, an HTTP answer given out. */
import type { Dial } from '../network/types.ts';
import type { StreamRef, UserInfo, WatchRequest } from './types.ts';

export interface ApiWireRequest {
	readonly method: string;
	/** Path with query, without the server's own prefix: `/api/v1/namespaces/default/pods?limit=500`. */
	readonly url: string;
	/** Lower-case names. */
	readonly headers: { readonly [name: string]: string };
	/** Body as text; a body that is not UTF-8 (protobuf) as base64 with `bodyEncoding`. */
	readonly body?: string;
	readonly bodyEncoding?: 'base64';
	/** Who calls, where the host has settled it (the learner's token, a client certificate); else the bearer token decides. */
	readonly user?: UserInfo;
	/** The caller's address, where it is one of the cluster's own (a pod); an outside caller's is the gateway's. */
	readonly remote?: string;
}

export interface ApiResponse {
	readonly status: number;
	readonly headers: { readonly [name: string]: string };
	/** A JSON body as a value (the adapter writes it), or nothing. */
	readonly json?: unknown;
	/** Any other body. */
	readonly text?: string;
	/** The answer goes on: open a cursor on it (`Simulator.openWatch`). */
	readonly watch?: WatchRequest & {
		readonly asTable: boolean;
		readonly includeObject: 'None' | 'Metadata' | 'Object';
		/** Events carry PartialObjectMetadata instead of the objects. */
		readonly asPartial?: boolean;
	};
	/** The answer is a stream: read it with `Simulator.readStream`. */
	readonly stream?: StreamRef;
	/** The answer is somebody else's (`proxy`): make this dial and hand its outcome to `proxied`. */
	readonly forward?: Forward;
}

export interface Forward {
	readonly dial: Dial;
	/** The URL's path up to and with `/proxy`: links of the target's are put below it. */
	readonly prefix: string;
	/** Asked by HEAD: the body stays behind. */
	readonly head: boolean;
	/** It goes to an extension server, whose answer is the API's own (kube-aggregator). */
	readonly aggregated?: true;
}
