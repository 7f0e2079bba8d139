/** The pages nginx makes itself. Models ngx_http_special_response.c. */

export const REASONS: { readonly [status: number]: string } = {
	301: 'Moved Permanently',
	302: 'Found',
	303: 'See Other',
	307: 'Temporary Redirect',
	308: 'Permanent Redirect',
	400: 'Bad Request',
	401: 'Authorization Required',
	403: 'Forbidden',
	404: 'Not Found',
	405: 'Not Allowed',
	408: 'Request Time-out',
	409: 'Conflict',
	410: 'Gone',
	411: 'Length Required',
	412: 'Precondition Failed',
	413: 'Request Entity Too Large',
	414: 'Request-URI Too Large',
	415: 'Unsupported Media Type',
	416: 'Requested Range Not Satisfiable',
	429: 'Too Many Requests',
	500: 'Internal Server Error',
	501: 'Not Implemented',
	502: 'Bad Gateway',
	503: 'Service Temporarily Unavailable',
	504: 'Gateway Time-out',
	505: 'HTTP Version Not Supported',
	507: 'Insufficient Storage',
};

/** `signature` is `nginx/1.29.3`, or `nginx` with server_tokens off. */
export function page(status: number, signature: string): string {
	const reason = REASONS[status];
	if (reason === undefined) return '';
	const title = `${status} ${reason}`;
	return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>${signature}</center>\r\n</body>\r\n</html>\r\n`;
}
