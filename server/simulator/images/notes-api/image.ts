import type { Image } from '../program.ts';
import { notesApi } from './program.ts';

const BINARY = '/app/notes-api';
const TAGS: readonly (readonly string[])[] = [['1.4.2', '1.4', '1', 'latest'], ['1.4.1'], ['1.4.0'], ['1.3.0', '1.3']];

/** Distroless-like: no shell, no utilities, nothing to exec but the service itself. */
export const notesApiImages: readonly Image[] = TAGS.map((tags) => {
	const programs = { [BINARY]: notesApi(tags[0] ?? '') };
	return {
		repositories: ['ghcr.io/foothold/notes-api'],
		tags,
		sizeBytes: 58_720_256,
		entrypoint: [BINARY],
		cmd: [],
		env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', NODE_ENV: 'production' },
		user: '10001:10001',
		workdir: '/app',
		files: {
			'/etc/passwd': { content: 'root:x:0:0:root:/root:/sbin/nologin\nnotes:x:10001:10001::/app:/sbin/nologin\n' },
			'/tmp': { directory: true, mode: 0o1777 },
		},
		programs,
		users: { notes: [10001, 10001] },
	};
});
