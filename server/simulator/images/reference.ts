/** Image references as containerd reads them (distribution/reference: normalisation to docker.io/library and :latest). */

export interface Reference {
	/** e.g. `docker.io/library/nginx`. */
	readonly repository: string;
	/** Absent where only a digest was given. */
	readonly tag?: string;
	/** `sha256:…`. */
	readonly digest?: string;
	/** The whole, normalised. */
	readonly text: string;
}

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const DOMAIN = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?$/;

/** Undefined where the text is no reference ("invalid reference format"). */
export function parseReference(text: string): Reference | undefined {
	const at = text.indexOf('@');
	const digest = at === -1 ? undefined : text.slice(at + 1);
	if (digest !== undefined && !DIGEST.test(digest)) return undefined;
	const named = at === -1 ? text : text.slice(0, at);
	const colon = named.lastIndexOf(':');
	const hasTag = colon !== -1 && !named.slice(colon).includes('/');
	const tag = hasTag ? named.slice(colon + 1) : digest === undefined ? 'latest' : undefined;
	if (tag !== undefined && !TAG.test(tag)) return undefined;
	const repository = normaliseName(hasTag ? named.slice(0, colon) : named);
	if (repository === undefined) return undefined;
	const whole = `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
	return { repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }), text: whole };
}

function normaliseName(name: string): string | undefined {
	const slash = name.indexOf('/');
	const first = slash === -1 ? '' : name.slice(0, slash);
	const isDomain = slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
	let domain = isDomain ? first : 'docker.io';
	let path = isDomain ? name.slice(slash + 1) : name;
	if (!DOMAIN.test(domain)) return undefined;
	if (domain === 'index.docker.io') domain = 'docker.io';
	if (domain === 'docker.io' && !path.includes('/')) path = `library/${path}`;
	if (!path.split('/').every((c) => COMPONENT.test(c))) return undefined;
	return `${domain}/${path}`;
}
