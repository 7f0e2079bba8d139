/** podinfo's client: `podcli check http|tcp|grpc ADDRESS`, which its probes run. */
import type { Process, Program } from '../program.ts';

interface Address {
	readonly host: string;
	readonly port: number;
	readonly path: string;
}

const USAGE =
	'Usage:\n  podcli check [command]\n\nAvailable Commands:\n  grpc        gRPC health check\n  http        HTTP(S) health check\n  tcp         TCP health check\n';
/** Ms, `--timeout`. */
const TIMEOUT_MS = 1000;
const KINDS: readonly string[] = ['http', 'tcp', 'grpc'];

function addressOf(text: string): Address | undefined {
	const found = /^(?:https?:\/\/)?([^/:]+)(?::(\d+))?(\/.*)?$/.exec(text);
	return found === null ? undefined : { host: found[1] ?? '', port: Number(found[2] ?? 80), path: found[3] ?? '/' };
}

function fail(process: Process<null>, error: string): void {
	process.stdout(`{"level":"info","caller":"podcli/check.go","msg":"check failed","address":"${process.argv[3] ?? ''}","error":"${error}"}\n`);
	process.exit(1);
}

export const podcli: Program<null> = {
	name: 'podcli',
	start(process) {
		const [, command, kind = '', text = ''] = process.argv;
		const address = addressOf(text);
		if (command !== 'check' || !KINDS.includes(kind) || address === undefined) {
			process.stderr(USAGE);
			process.exit(command === 'check' ? 0 : 1);
			return;
		}
		const { host, port, path } = address;
		const headers = { host: `${host}:${port}`, 'user-agent': 'podcli' };
		const request =
			kind === 'tcp'
				? ({ protocol: 'tcp' } as const)
				: kind === 'grpc'
					? ({
							protocol: 'http',
							method: 'POST',
							path: '/grpc.health.v1.Health/Check',
							headers: { ...headers, 'content-type': 'application/grpc' },
							body: '',
						} as const)
					: ({ protocol: 'http', method: 'GET', path, headers, body: '' } as const);
		process.dial({ host, port, request, timeoutMs: TIMEOUT_MS }, kind);
	},
	onReply(process, kind, outcome) {
		if (!outcome.ok) {
			fail(process, outcome.error);
			return;
		}
		const { response } = outcome;
		if (kind === 'http' && (response.protocol !== 'http' || response.status >= 400)) fail(process, 'status code is not 2xx');
		else if (kind === 'grpc' && (response.protocol !== 'http' || response.body !== 'SERVING')) fail(process, 'not serving');
		else process.exit(0);
	},
};
