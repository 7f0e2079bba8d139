import { baseFiles } from '../image.ts';
import type { Image } from '../program.ts';
import { busyboxTools } from '../toolbox.ts';
import { curl } from './program.ts';

const programs = { ...busyboxTools(), '/usr/bin/curl': curl };

export const curlImages: readonly Image[] = [['8.17.0', 'latest'], ['8.16.0'], ['8.15.0'], ['8.12.1']].map((tags) => ({
	repositories: ['docker.io/curlimages/curl', 'quay.io/curl/curl'],
	tags,
	sizeBytes: 23_068_672,
	// The official entrypoint script puts curl before options; commands run as they are.
	entrypoint: ['/entrypoint.sh'],
	cmd: ['curl'],
	env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', CURL_CA_BUNDLE: '/cacert.pem' },
	user: 'curl_user',
	workdir: '/home/curl_user',
	files: {
		...baseFiles({ name: 'Alpine Linux v3.22', id: 'alpine', version: '3.22.2', shell: '/bin/sh' }, { curl_user: [100, 101] }),
		'/home/curl_user': { directory: true, mode: 0o755, uid: 100, gid: 101 },
		'/entrypoint.sh': {
			mode: 0o755,
			content: '#!/bin/sh\nset -e\nif [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ]; then\n  set -- curl "$@"\nfi\nexec "$@"\n',
		},
	},
	programs,
	users: { curl_user: [100, 101] },
}));
