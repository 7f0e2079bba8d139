/** What HTTP clients share: URLs, and the reason phrases that servers like nginx give. */

export interface Url {
	readonly tls: boolean;
	readonly host: string;
	readonly port: number;
	readonly path: string;
	readonly user?: string;
}

/** Reads a URL, or what a client takes for one: the scheme may be missing. Undefined where it is none. */
export function parseUrl(text: string): Url | undefined {
	const m = /^(?:(https?):\/\/)?(?:([^@/]*)@)?(\[[^\]]+\]|[^/:?#]+)(?::(\d+))?([/?#].*)?$/i.exec(text);
	if (m === null) return undefined;
	const tls = m[1]?.toLowerCase() === 'https';
	const path = (m[5] ?? '/').replace(/#.*$/, '');
	return {
		tls,
		host: m[3] ?? '',
		port: m[4] === undefined ? (tls ? 443 : 80) : Number(m[4]),
		path: path.startsWith('/') ? path : `/${path}`,
		...(m[2] === undefined ? {} : { user: m[2] }),
	};
}

/** The Host header of a URL. */
export const hostHeader = (u: Url): string => (u.port === (u.tls ? 443 : 80) ? u.host : `${u.host}:${u.port}`);

const REASONS: { readonly [status: number]: string } = {
	200: 'OK',
	201: 'Created',
	204: 'No Content',
	301: 'Moved Permanently',
	302: 'Found',
	304: 'Not Modified',
	307: 'Temporary Redirect',
	308: 'Permanent Redirect',
	400: 'Bad Request',
	401: 'Unauthorized',
	403: 'Forbidden',
	404: 'Not Found',
	405: 'Not Allowed',
	409: 'Conflict',
	413: 'Request Entity Too Large',
	429: 'Too Many Requests',
	500: 'Internal Server Error',
	501: 'Not Implemented',
	502: 'Bad Gateway',
	503: 'Service Temporarily Unavailable',
	504: 'Gateway Time-out',
};

/** The phrase after a status code; empty where it has none. */
export const reason = (status: number): string => REASONS[status] ?? '';
