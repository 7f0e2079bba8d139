/**
 * Secrets that well-known programs make of themselves and that other pods of theirs wait for. A stand-in makes them, too, under
 * its pod's own service account, with made-up content.
 */

export interface MadeSecret {
	readonly name: string;
	readonly keys: readonly string[];
}

type Env = { readonly [name: string]: string };

interface Maker {
	/** What the repository ends with. */
	readonly image: string;
	/** The secret, where the command line or a variable asks for one. */
	secret(argv: readonly string[], env: Env): MadeSecret | undefined;
}

function flag(argv: readonly string[], name: string): string | undefined {
	const at = argv.findIndex((a) => a === `--${name}` || a.startsWith(`--${name}=`));
	const found = argv[at];
	return found?.includes('=') === true ? found.slice(found.indexOf('=') + 1) : found === undefined ? undefined : argv[at + 1];
}

const named = (name: string | undefined, keys: readonly string[]): MadeSecret | undefined => (name === undefined ? undefined : { name, keys });

const MAKERS: readonly Maker[] = [
	// ingress-nginx, kube-prometheus-stack: `create --host=… --secret-name=…`, with the names that other charts give its keys.
	{
		image: '/kube-webhook-certgen',
		secret: (argv) =>
			argv.includes('create')
				? named(flag(argv, 'secret-name'), [flag(argv, 'ca-name') ?? 'ca', flag(argv, 'cert-name') ?? 'cert', flag(argv, 'key-name') ?? 'key'])
				: undefined,
	},
	// Argo CD: an init container of its Redis, and a job of its chart.
	{ image: '/argocd', secret: (argv) => (argv.includes('redis-initial-password') ? { name: 'argocd-redis', keys: ['auth'] } : undefined) },
	// KEDA's operator, for its metrics server and its webhooks.
	{
		image: 'kedacore/keda',
		secret: (argv) => (flag(argv, 'enable-cert-rotation') === 'true' ? { name: 'kedaorg-certs', keys: ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'] } : undefined),
	},
	// MetalLB's controller, for its speakers.
	{ image: 'metallb/controller', secret: (argv, env) => named(flag(argv, 'ml-secret-name') ?? env['METALLB_ML_SECRET_NAME'], ['secretkey']) },
];

export function madeSecret(repository: string, argv: readonly string[], env: Env): MadeSecret | undefined {
	return MAKERS.find((m) => repository.endsWith(m.image))?.secret(argv, env);
}
