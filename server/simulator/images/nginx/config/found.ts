/** What is gathered on the way through a configuration, beside its tree of servers and locations. */
import type { Model, Peer } from './model.ts';

const COMBINED = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

export class Found {
	readonly hosts: Model['hosts'][number][] = [];
	readonly upstreams: { [name: string]: readonly Peer[] } = {};
	readonly certificates: string[] = [];
	readonly warnings: string[] = [];
	readonly formats: { [name: string]: string } = { combined: COMBINED };
}
