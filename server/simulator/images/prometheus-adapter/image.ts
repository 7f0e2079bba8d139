/** registry.k8s.io/prometheus-adapter: a distroless image with one binary. */
import type { Image } from '../program.ts';
import { adapterProgram } from './program.ts';

export const prometheusAdapterImages: readonly Image[] = ['v0.12.0', 'v0.11.2', 'v0.11.1', 'v0.11.0', 'v0.10.0'].map((tag) => ({
	repositories: ['registry.k8s.io/prometheus-adapter/prometheus-adapter'],
	tags: [tag],
	sizeBytes: 66_800_000,
	entrypoint: ['/adapter'],
	cmd: [],
	env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt' },
	user: '65534',
	workdir: '/',
	files: { '/etc/passwd': { content: 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n' } },
	programs: { '/adapter': adapterProgram },
}));
