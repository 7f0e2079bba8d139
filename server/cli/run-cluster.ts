/** `npm run cluster`: a bare simulated cluster for any Kubernetes client. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fault, toFault } from '../errors/catalogue.ts';
import { serveClusters } from '../sandboxes/serve.ts';
import { servingCertificate } from '../sandboxes/serving/authority.ts';
import { kubeconfigText } from '../sandboxes/serving/kubeconfig-text.ts';
import { SimulatorSandbox } from '../sandboxes/simulator.ts';
import { AuditLogFile } from '../sandboxes/simulated/audit-log-file.ts';
import { Template } from '../sandboxes/simulated/template.ts';
import { AUDIT_POLICY_FILE, controlPlaneFileError, ENCRYPTION_CONFIG_FILE } from '../simulator/apiserver/config/control-plane.ts';
import { parseGpuPools } from '../simulator/gpu/pools.ts';
import { authorityName } from '../simulator/apiserver/certificates/authority.ts';
import { readFlags, wholeNumber } from './flags.ts';

const HELP = `npm run cluster -- [flags]

A simulated Kubernetes cluster, served over https for kubectl and any other client. Prints one line of JSON once it
answers: {"ready":true,"server":"https://127.0.0.1:…","kubeconfig":"…","ms":12}. Ctrl-C ends it; nothing is kept.

  --port N           port on 127.0.0.1; 0 takes any free one (default 0)
  --kubeconfig PATH  where to write the kubeconfig (default ./foothold.kubeconfig)
  --nodes N          worker nodes besides the control plane, 0 to 5000 (default 2)
  --gpus SPEC        pools of GPU nodes besides, as model=nodes or model=nodesxcards, e.g. l4=2 or a100-80=1x4,t4=1;
                     cards: t4, l4, a10g, a100-40, a100-80, h100, h200; nodes are named foothold-gpu-<model>-N, and
                     the GPU Operator stands in namespace gpu-operator; l4=1-3 lets the cluster autoscaler
                     bring that pool to 3 nodes (default none)
  --seed N           the same seed gives the same names and addresses (default 1)
  --speed N          virtual seconds a real second, 0.1 to 1000 (default 1)
  --audit-policy FILE       an audit.k8s.io/v1 Policy; without one every outside request is kept, at level Metadata
  --audit-log PATH          appends the audit events there, a JSON object a line, as kube-apiserver's audit.log
  --encryption-config FILE  an EncryptionConfiguration: how secrets and the like are stored
  --profile NAME     full, or apiserver: no scheduler, no kubelet, the settings of Kubernetes' own test/cmd (default full)
  --token TOKEN      the administrator's bearer token, for test suites that expect a certain one
                     (default a random one; admin-token with profile apiserver)
  --help             this text
`;

/** Whom test/cmd's `auth-tokens.csv` gives its token to. */
const TEST_USER = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** As `cluster`, for a process of its own: a fault goes to stderr. */
export async function runCluster(args: readonly string[], ready: () => void): Promise<number> {
	try {
		return await cluster(args, ready);
	} catch (error) {
		const { message, next } = toFault(error);
		process.stderr.write(`${message}\n${next}\n`);
		return 2;
	}
}

/** Serves one until SIGINT or SIGTERM; the exit code. `ready` is called once it answers. Rejects with a fault where a flag is wrong. */
export async function cluster(args: readonly string[], ready: () => void = () => undefined): Promise<number> {
	const started = performance.now();
	const flags = readFlags(args, {
		port: { type: 'string', default: '0' },
		kubeconfig: { type: 'string', default: 'foothold.kubeconfig' },
		nodes: { type: 'string', default: '2' },
		gpus: { type: 'string' },
		seed: { type: 'string', default: '1' },
		speed: { type: 'string', default: '1' },
		profile: { type: 'string', default: 'full' },
		'audit-policy': { type: 'string' },
		'audit-log': { type: 'string' },
		'encryption-config': { type: 'string' },
		token: { type: 'string' },
		help: { type: 'boolean' },
	});
	if (flags.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const { profile } = flags;
	if (profile !== 'full' && profile !== 'apiserver') throw fault('flag-wrong', { why: `--profile takes full or apiserver, not “${profile}”` });
	const token = flags.token ?? (profile === 'apiserver' ? 'admin-token' : randomBytes(24).toString('base64url'));
	if (!/^[\x21-\x7e]+$/.test(token)) throw fault('flag-wrong', { why: '--token takes printable characters without spaces' });
	const speed = Number(flags.speed);
	if (!(speed >= 0.1 && speed <= 1000)) throw fault('flag-wrong', { why: `--speed takes a number from 0.1 to 1000, not “${flags.speed}”` });
	const port = wholeNumber('port', flags.port, 0, 65_535);
	const files = [
		...(await controlPlaneFile('audit-policy', AUDIT_POLICY_FILE, flags['audit-policy'])),
		...(await controlPlaneFile('encryption-config', ENCRYPTION_CONFIG_FILE, flags['encryption-config'])),
	];
	// One authority for all: its certificate is in the kubeconfig and in every kube-root-ca.crt, and the cluster signs with it.
	const certificate = await servingCertificate(undefined, authorityName(profile));
	const template = Template.build({
		authority: { certificate: certificate.authority, key: certificate.authorityKey },
		workers: wholeNumber('nodes', flags.nodes, 0, 5000),
		gpus: gpuPools(flags.gpus, profile),
		seed: wholeNumber('seed', flags.seed, 0, 2 ** 32 - 1),
		profile,
	});
	const sandbox = await SimulatorSandbox.create(template, {
		id: 'cluster',
		speed,
		seed: wholeNumber('seed', flags.seed, 0, 2 ** 32 - 1),
		onFault: report,
		...(profile === 'apiserver' ? { user: TEST_USER } : {}),
	});
	sandbox.hold();
	for (const { path, content } of files) await sandbox.files.write(path, content);
	const auditLog = flags['audit-log'] === undefined ? undefined : new AuditLogFile(sandbox, flags['audit-log'], report);
	const served = { endpoint: sandbox.cluster, token, prefix: '' };
	const serving = await serveClusters({ certificate, port, clientAuthority: authorityName(profile), find: () => served });
	const path = flags.kubeconfig.startsWith('~/') ? join(homedir(), flags.kubeconfig.slice(2)) : flags.kubeconfig;
	await writeFile(path, kubeconfigText({ server: serving.url, authority: certificate.authority, token }), { mode: 0o600 });
	// Whoever reads the line may end it at once.
	const ended = new Promise<void>((resolve) => {
		process.once('SIGINT', () => resolve());
		process.once('SIGTERM', () => resolve());
	});
	process.stdout.write(`${JSON.stringify({ ready: true, server: serving.url, kubeconfig: path, ms: Math.round(performance.now() - started) })}\n`);
	ready();
	await ended;
	await serving.close();
	auditLog?.close();
	await sandbox.dispose();
	return 0;
}

/** The text, once it is known to be right. */
function gpuPools(text: string | undefined, profile: string): string | undefined {
	if (text === undefined) return undefined;
	if (profile === 'apiserver') throw fault('flag-wrong', { why: '--gpus needs nodes, which profile apiserver has none of' });
	const read = parseGpuPools(text);
	if ('error' in read) throw fault('flag-wrong', { why: `--gpus: ${read.error}` });
	return text;
}

/** A file of the caller's for the control plane; a fault where the API server would not start with it. */
async function controlPlaneFile(flag: string, path: string, file: string | undefined): Promise<readonly { readonly path: string; readonly content: string }[]> {
	if (file === undefined) return [];
	const content = await readFile(file, 'utf8').catch((error: unknown) => {
		throw fault('flag-wrong', { why: `--${flag}: ${error instanceof Error ? error.message : String(error)}` });
	});
	const wrong = controlPlaneFileError(path, content);
	if (wrong !== undefined) throw fault('flag-wrong', { why: `--${flag} ${file}: ${wrong}` });
	return [{ path, content }];
}

function report(error: unknown): void {
	process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
