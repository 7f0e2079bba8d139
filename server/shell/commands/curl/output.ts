/** An answer as curl prints it: its head, and the values of `--write-out`. */

/** What came of a request that was answered. */
export interface Transfer {
	readonly status: number;
	readonly headers: { readonly [name: string]: string };
	readonly body: string;
	readonly elapsedMs: number;
	readonly url: string;
	readonly address: string;
	readonly firstByteMs?: number;
	/** How much of the body was written while it came. */
	readonly written: number;
}

const REASONS: { readonly [status: number]: string } = {
	200: 'OK',
	201: 'Created',
	202: 'Accepted',
	204: 'No Content',
	301: 'Moved Permanently',
	302: 'Found',
	304: 'Not Modified',
	308: 'Permanent Redirect',
	400: 'Bad Request',
	401: 'Unauthorized',
	403: 'Forbidden',
	404: 'Not Found',
	405: 'Method Not Allowed',
	409: 'Conflict',
	413: 'Request Entity Too Large',
	415: 'Unsupported Media Type',
	429: 'Too Many Requests',
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
	504: 'Gateway Timeout',
};

/** `content-type` as `Content-Type`. */
export const headerName = (n: string): string => n.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase());

/** The status line and the headers, with the empty line behind them. */
export function headText(t: Transfer): string {
	return `HTTP/1.1 ${t.status} ${REASONS[t.status] ?? ''}\r\n${Object.entries(t.headers)
		.map(([k, v]) => `${headerName(k)}: ${v}\r\n`)
		.join('')}\r\n`;
}

/** A `--write-out` format with its variables and escapes filled in. */
export function writeOut(format: string, t: Transfer): string {
	const seconds = (t.elapsedMs / 1000).toFixed(6);
	const values: { readonly [name: string]: string } = {
		http_code: String(t.status).padStart(3, '0'),
		response_code: String(t.status).padStart(3, '0'),
		time_total: seconds,
		time_connect: '0.000500',
		time_starttransfer: t.firstByteMs === undefined ? seconds : (t.firstByteMs / 1000).toFixed(6),
		size_download: String(Buffer.byteLength(t.body)),
		url_effective: t.url,
		content_type: t.headers['content-type'] ?? '',
		remote_ip: t.address,
		num_redirects: '0',
		exitcode: '0',
	};
	return format.replace(/%\{(\w+)\}|%%|\\n|\\t|\\r/g, (m, name: string | undefined) =>
		name !== undefined ? (values[name] ?? '') : m === '%%' ? '%' : m === '\\n' ? '\n' : m === '\\t' ? '\t' : '\r',
	);
}
