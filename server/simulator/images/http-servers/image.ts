/** One row an image: where it is found, its tags, its binary, its server. */
import { baseFiles } from '../image.ts';
import type { HttpServiceData } from '../http-service.ts';
import type { Image, Program } from '../program.ts';
import { busyboxTools, debianTools } from '../toolbox.ts';
import { helloKubernetes, hpaExample, httpbin, kuard, nginxHello, podinfo } from './demo.ts';
import { podcli } from './podcli.ts';
import { bootcamp, echoserver, helloApp, httpEcho, whoami } from './echo.ts';

interface Row {
	readonly repositories: readonly string[];
	readonly tags: readonly string[];
	readonly binary: string;
	readonly program: Program<HttpServiceData>;
	readonly size: number;
	readonly user?: string;
	/** Without a base there is no shell to exec into. */
	readonly base?: 'alpine' | 'debian';
	readonly args?: readonly string[];
	readonly workdir?: string;
	/** What it holds besides its server. */
	readonly programs?: { readonly [path: string]: Program<never> };
}

const HELLO = ['gcr.io/google-samples/hello-app', 'us-docker.pkg.dev/google-samples/containers/gke/hello-app'];
const BOOTCAMP = ['gcr.io/google-samples/kubernetes-bootcamp', 'docker.io/jocatalin/kubernetes-bootcamp'];
const ECHOSERVER = ['registry.k8s.io/echoserver', 'k8s.gcr.io/echoserver', 'gcr.io/google_containers/echoserver', 'kicbase/echo-server'];

const ROWS: readonly Row[] = [
	{
		repositories: ['docker.io/hashicorp/http-echo'],
		tags: ['latest', '1.0', '1.0.0', '0.2.3', '0.2.1'],
		binary: '/http-echo',
		program: httpEcho,
		size: 7_300_000,
		user: '65532',
	},
	{
		repositories: ['docker.io/traefik/whoami', 'docker.io/containous/whoami'],
		tags: ['latest', 'v1.11', 'v1.11.0', 'v1.10', 'v1.10.1', 'v1.5.0'],
		binary: '/whoami',
		program: whoami,
		size: 6_900_000,
	},
	{ repositories: HELLO, tags: ['1.0'], binary: '/hello-app', program: helloApp('1.0.0'), size: 11_500_000, user: '65532' },
	{ repositories: HELLO, tags: ['2.0'], binary: '/hello-app', program: helloApp('2.0.0'), size: 11_500_000, user: '65532' },
	{
		repositories: BOOTCAMP,
		tags: ['v1', 'latest'],
		binary: '/usr/local/bin/node',
		program: bootcamp('1'),
		size: 211_000_000,
		base: 'debian',
		args: ['/server.js'],
	},
	{ repositories: BOOTCAMP, tags: ['v2'], binary: '/usr/local/bin/node', program: bootcamp('2'), size: 211_000_000, base: 'debian', args: ['/server.js'] },
	{
		repositories: ECHOSERVER.map((r) => (r.includes('.') ? r : `docker.io/${r}`)),
		tags: ['1.4', '1.10', '1.8', '1.0', 'latest'],
		binary: '/usr/local/openresty/nginx/sbin/nginx',
		program: echoserver,
		size: 140_000_000,
		base: 'alpine',
	},
	{
		repositories: ['registry.k8s.io/hpa-example', 'k8s.gcr.io/hpa-example'],
		tags: ['latest'],
		binary: '/usr/local/bin/apache2-foreground',
		program: hpaExample,
		size: 481_000_000,
		base: 'debian',
	},
	{
		repositories: ['docker.io/nginxdemos/hello'],
		tags: ['latest', '0.4', '0.3'],
		binary: '/usr/sbin/nginx',
		program: nginxHello(false, 80),
		size: 24_000_000,
		base: 'alpine',
	},
	{
		repositories: ['docker.io/nginxdemos/hello'],
		tags: ['plain-text', '0.4-plain-text', '0.3-plain-text'],
		binary: '/usr/sbin/nginx',
		program: nginxHello(true, 80),
		size: 24_000_000,
		base: 'alpine',
	},
	{
		repositories: ['docker.io/nginxdemos/nginx-hello'],
		tags: ['latest', 'plain-text'],
		binary: '/usr/sbin/nginx',
		program: nginxHello(true, 8080),
		size: 24_000_000,
		base: 'alpine',
		user: '101',
	},
	{
		repositories: ['docker.io/paulbouwer/hello-kubernetes'],
		tags: ['1.10', '1.10.1', '1.9', '1.8', '1.5', 'latest'],
		binary: '/usr/local/bin/node',
		program: helloKubernetes,
		size: 41_000_000,
		base: 'alpine',
		user: '1000',
		args: ['server.js'],
	},
	...(['blue', 'green', 'purple'] as const).map(
		(colour): Row => ({
			repositories: ['gcr.io/kuar-demo/kuard-amd64'],
			tags: colour === 'blue' ? [colour, '1', 'latest'] : [colour, colour === 'green' ? '2' : '3'],
			binary: '/kuard',
			program: kuard(colour),
			size: 11_500_000,
			base: 'alpine',
		}),
	),
	...(['6.14.1', '6.9.2', '6.9.1', '6.7.1', '6.5.4', '6.0.0'] as const).map(
		(version, i): Row => ({
			repositories: ['ghcr.io/stefanprodan/podinfo', 'docker.io/stefanprodan/podinfo'],
			tags: i === 0 ? [version, 'latest', '6'] : [version],
			binary: '/home/app/podinfo',
			program: podinfo(version),
			programs: { '/usr/local/bin/podcli': podcli as Program<never> },
			workdir: '/home/app',
			size: 22_800_000,
			base: 'alpine',
			user: '100:101',
		}),
	),
	{
		repositories: ['docker.io/kennethreitz/httpbin'],
		tags: ['latest'],
		binary: '/usr/local/bin/gunicorn',
		program: httpbin(80),
		size: 534_000_000,
		base: 'debian',
	},
	{
		repositories: ['docker.io/mccutchen/go-httpbin', 'ghcr.io/mccutchen/go-httpbin'],
		tags: ['latest', 'v2.18.3', '2.18.3'],
		binary: '/bin/go-httpbin',
		program: httpbin(8080),
		size: 11_000_000,
	},
];

const ALPINE = { tools: busyboxTools(), files: baseFiles({ name: 'Alpine Linux v3.22', id: 'alpine', version: '3.22.2', shell: '/bin/sh' }) };
const DEBIAN = { tools: debianTools(), files: baseFiles({ name: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12', shell: '/bin/bash' }) };

export const httpServerImages: readonly Image[] = ROWS.map((row) => {
	const base = row.base === 'alpine' ? ALPINE : row.base === 'debian' ? DEBIAN : { tools: {}, files: {} };
	return {
		repositories: row.repositories,
		tags: row.tags,
		sizeBytes: row.size,
		entrypoint: [row.binary],
		cmd: row.args ?? [],
		env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
		user: row.user ?? '',
		workdir: row.workdir ?? '/',
		files: base.files,
		programs: { ...base.tools, ...row.programs, [row.binary]: row.program as Program<never> },
	};
});
