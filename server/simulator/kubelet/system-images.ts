/** Images of the cluster's own parts. What they do happens elsewhere in the simulator; their programs stand for them in the process table and answer their health ports. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Image, Program } from '../images/program.ts';
import { shellProgram } from '../images/shell/program.ts';
import { debianTools } from '../images/toolbox.ts';
import { NODE_REPOSITORY } from './node/paths.ts';
import { nodePrograms } from './node/programs.ts';
import { apiServerProgram } from './system/apiserver-program.ts';
import { daemon } from './system/daemon.ts';
import { etcdctl } from './system/etcd/etcdctl.ts';
import { etcdutl } from './system/etcd/etcdutl.ts';
import { ingressController } from './system/ingress-controller.ts';

export const VERSION = 'v1.36.0';

/** Steps a script runs before it lets the world go on. */
const SHELL_SLICE = 4_000;

interface SystemImage {
	readonly repository: string;
	readonly tag: string;
	readonly sizeBytes: number;
	readonly path: string;
	readonly program: Program<never>;
	/** Besides the one that runs: tools for `kubectl exec`. */
	readonly tools?: { readonly [path: string]: Program<never> };
}

/** One line an image. */
const PARTS = {
	etcd: {
		repository: 'registry.k8s.io/etcd',
		tag: '3.6.6-0',
		sizeBytes: 23_641_797,
		path: '/usr/local/bin/etcd',
		program: daemon('etcd', { log: ['"msg":"ready to serve client requests"'], ports: [2379, 2381] }),
		// A shell with nothing but its own commands stands in that image (bash-static).
		tools: {
			'/usr/local/bin/etcdctl': etcdctl,
			'/usr/local/bin/etcdutl': etcdutl,
			'/bin/sh': shellProgram({ flavour: 'bash', path: '/bin/sh', utilities: {}, slice: SHELL_SLICE }),
		},
	},
	apiserver: {
		repository: 'registry.k8s.io/kube-apiserver',
		tag: VERSION,
		sizeBytes: 27_671_920,
		path: '/usr/local/bin/kube-apiserver',
		program: apiServerProgram,
	},
	controllerManager: {
		repository: 'registry.k8s.io/kube-controller-manager',
		tag: VERSION,
		sizeBytes: 22_819_474,
		path: '/usr/local/bin/kube-controller-manager',
		program: daemon('kube-controller-manager', { log: ['Starting "serviceaccount-token-controller"'], ports: [10_257], tls: true }),
	},
	scheduler: {
		repository: 'registry.k8s.io/kube-scheduler',
		tag: VERSION,
		sizeBytes: 17_382_272,
		path: '/usr/local/bin/kube-scheduler',
		program: daemon('kube-scheduler', { log: ['Starting Kubernetes Scheduler'], ports: [10_259], tls: true }),
	},
	proxy: {
		repository: 'registry.k8s.io/kube-proxy',
		tag: VERSION,
		sizeBytes: 25_964_312,
		path: '/usr/local/bin/kube-proxy',
		program: daemon('kube-proxy', { log: ['"Using iptables Proxier"'], ports: [10_256] }),
	},
	kindnet: {
		repository: 'docker.io/kindest/kindnetd',
		tag: 'v20250512-df8de77b',
		sizeBytes: 44_375_501,
		path: '/bin/kindnetd',
		program: daemon('kindnetd', { log: ['connected to apiserver: https://foothold-control-plane:6443'] }),
	},
	coredns: {
		repository: 'registry.k8s.io/coredns/coredns',
		tag: 'v1.13.1',
		sizeBytes: 23_553_139,
		path: '/coredns',
		program: daemon('coredns', {
			log: ['.:53', '[INFO] plugin/reload: Running configuration SHA512', 'CoreDNS-1.13.1', 'linux/amd64'],
			ports: [53, 8080, 8181, 9153],
		}),
	},
	localPath: {
		repository: 'docker.io/kindest/local-path-provisioner',
		tag: 'v20250214-acbabc1a',
		sizeBytes: 22_541_737,
		path: '/usr/bin/local-path-provisioner',
		program: daemon('local-path-provisioner', { log: ['Provisioner started'] }),
	},
	ingress: {
		repository: 'registry.k8s.io/ingress-nginx/controller',
		tag: 'v1.14.0',
		sizeBytes: 104_698_741,
		path: '/nginx-ingress-controller',
		program: ingressController as unknown as Program<never>,
	},
} as const satisfies { readonly [part: string]: SystemImage };

export type SystemPart = keyof typeof PARTS;

interface Known {
	readonly image: Image;
	readonly imageID: string;
}

/** An image on a node's disk, as the node's status lists it: one object for all nodes of all clusters. */
interface Loaded {
	readonly reference: string;
	readonly imageID: string;
	readonly sizeBytes: number;
	readonly listed: { readonly names: readonly string[]; readonly sizeBytes: number };
}

function build(part: SystemImage): Known {
	const digest = bytesToHex(sha256(utf8ToBytes(`${part.repository}:${part.tag}`)));
	const image: Image = {
		repositories: [part.repository],
		tags: [part.tag],
		sizeBytes: part.sizeBytes,
		entrypoint: [part.path],
		cmd: [],
		env: {},
		user: '',
		workdir: '/',
		files: {},
		programs: { [part.path]: part.program, ...part.tools },
	};
	return { image, imageID: `${part.repository}@sha256:${digest}` };
}

const byReference = new Map<string, Known>();
const byPart = new Map<string, Loaded>();
for (const [name, part] of Object.entries(PARTS)) {
	const known = build(part);
	const { imageID } = known;
	const { sizeBytes } = part;
	const reference = `${part.repository}:${part.tag}`;
	byReference.set(reference, known);
	byReference.set(part.repository, known);
	byPart.set(name, { reference, imageID, sizeBytes, listed: { names: [imageID, reference], sizeBytes } });
}
const ALL_LOADED: readonly Loaded[] = [...byPart.values()];

/** The reference a part's pods name. */
export function imageOf(part: SystemPart): string {
	return byPart.get(part)?.reference ?? '';
}

let node: Known | undefined;

/** A node's own programs, found under the name of kind's image: no pod can run it. */
function nodeImage(): Known {
	node ??= {
		imageID: '',
		image: {
			repositories: [NODE_REPOSITORY],
			tags: [],
			sizeBytes: 0,
			entrypoint: [],
			cmd: [],
			env: {},
			user: '',
			workdir: '/',
			files: {},
			programs: { ...debianTools(), ...nodePrograms },
		},
	};
	return node;
}

export function systemImage(reference: string): Known | undefined {
	return reference === NODE_REPOSITORY ? nodeImage() : byReference.get(reference);
}

/** What kind has loaded onto every node before the cluster starts. */
export function preloaded(): readonly Loaded[] {
	return ALL_LOADED;
}
