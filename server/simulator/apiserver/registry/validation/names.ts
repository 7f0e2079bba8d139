/** Rules for names, labels and other texts, with apimachinery's words: `pkg/util/validation/validation.go`. */

const DNS_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

const tooLong = (max: number): string => `must be no more than ${max} characters`;
/** validation.RegexError; the double blank before "or" is upstream's. */
function regexError(message: string, syntax: string, ...examples: readonly string[]): string {
	const eg = examples.length === 0 ? '' : `e.g. ${examples.map((e) => `'${e}', `).join(' or ')}`;
	return `${message} (${eg}regex used for validation is '${syntax}')`;
}

const DNS_1035_MESSAGE = regexError(
	"a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
	'[a-z]([-a-z0-9]*[a-z0-9])?',
	'my-name',
	'abc-123',
);

function check(value: string, max: number, pattern: RegExp, message: string): readonly string[] {
	const out: string[] = [];
	if (value.length > max) out.push(tooLong(max));
	if (!pattern.test(value)) out.push(message);
	return out;
}

export const dns1035Errors = (value: string): readonly string[] => check(value, 63, DNS_1035, DNS_1035_MESSAGE);

/** RBAC objects and a few others: any path segment. */
export function pathSegmentErrors(value: string): readonly string[] {
	if (value === '.' || value === '..') return [`may not be '${value}'`];
	return ['/', '%'].filter((c) => value.includes(c)).map((c) => `may not contain '${c}'`);
}

/** A port's name: IANA service name, up to 15 characters. */
export function portNameErrors(value: string): readonly string[] {
	const out: string[] = [];
	if (value.length > 15) out.push(tooLong(15));
	if (!/^[-a-z0-9]+$/.test(value)) out.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
	if (!/[a-z]/.test(value)) out.push('must contain at least one letter (a-z)');
	if (value.includes('--')) out.push('must not contain consecutive hyphens');
	if (value !== '' && (value.startsWith('-') || value.endsWith('-'))) out.push('must not begin or end with a hyphen');
	return out;
}

/** Keys of config maps and secrets. */
export function configKeyErrors(value: string): readonly string[] {
	const out: string[] = [];
	if (value.length > 253) out.push(tooLong(253));
	if (!/^[-._a-zA-Z0-9]+$/.test(value)) {
		out.push(regexError("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", '[-._a-zA-Z0-9]+', 'key.name', 'KEY_NAME', 'key-name'));
	}
	if (value === '.') out.push("must not be '.'");
	else if (value === '..') out.push("must not be '..'");
	else if (value.startsWith('..')) out.push("must not start with '..'");
	return out;
}

/** Names of environment variables: any printable ASCII but `=` (IsRelaxedEnvVarName). */
export function envVarNameErrors(value: string): readonly string[] {
	if (value === '') return ['environment variable name must be non-empty'];
	return /^[ -<>-~]+$/.test(value) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Whether a text is an IPv4 address in its canonical form. */
function isIPv4(value: string): boolean {
	const parts = value.split('.');
	return parts.length === 4 && parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255);
}

export function isIP(value: string): boolean {
	return isIPv4(value) || (value.includes(':') && /^[0-9a-fA-F:]+(\d+\.\d+\.\d+\.\d+)?$/.test(value));
}

export function isCIDR(value: string): boolean {
	const slash = value.indexOf('/');
	if (slash < 0) return false;
	const bits = value.slice(slash + 1);
	const address = value.slice(0, slash);
	return isIP(address) && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128);
}
