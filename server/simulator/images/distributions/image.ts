/** Debian and Ubuntu: a shell, coreutils, and whatever a learner runs in them. Their command is bash, which ends at once without a terminal. */
import { baseFiles } from '../image.ts';
import type { Image } from '../program.ts';
import { debianTools } from '../toolbox.ts';

interface Release {
	readonly tags: readonly string[];
	readonly name: string;
	readonly version: string;
	readonly size: number;
}

const programs = debianTools();

const DEBIAN: readonly Release[] = [
	{ tags: ['trixie', '13', 'latest', 'stable', 'trixie-20251103', '13.1'], name: 'Debian GNU/Linux 13 (trixie)', version: '13', size: 120_000_000 },
	{ tags: ['trixie-slim', '13-slim', 'stable-slim'], name: 'Debian GNU/Linux 13 (trixie)', version: '13', size: 78_600_000 },
	{ tags: ['bookworm', '12', 'oldstable'], name: 'Debian GNU/Linux 12 (bookworm)', version: '12', size: 117_000_000 },
	{ tags: ['bookworm-slim', '12-slim'], name: 'Debian GNU/Linux 12 (bookworm)', version: '12', size: 74_800_000 },
	{ tags: ['bullseye', '11'], name: 'Debian GNU/Linux 11 (bullseye)', version: '11', size: 124_000_000 },
	{ tags: ['bullseye-slim', '11-slim'], name: 'Debian GNU/Linux 11 (bullseye)', version: '11', size: 80_600_000 },
];
const UBUNTU: readonly Release[] = [
	{ tags: ['24.04', 'noble', 'latest'], name: 'Ubuntu 24.04.3 LTS', version: '24.04', size: 78_100_000 },
	{ tags: ['22.04', 'jammy'], name: 'Ubuntu 22.04.5 LTS', version: '22.04', size: 77_900_000 },
	{ tags: ['20.04', 'focal'], name: 'Ubuntu 20.04.6 LTS', version: '20.04', size: 72_800_000 },
	{ tags: ['18.04', 'bionic'], name: 'Ubuntu 18.04.6 LTS', version: '18.04', size: 63_200_000 },
	{ tags: ['16.04', 'xenial'], name: 'Ubuntu 16.04.7 LTS', version: '16.04', size: 135_000_000 },
	{ tags: ['14.04', 'trusty'], name: 'Ubuntu 14.04.6 LTS', version: '14.04', size: 197_000_000 },
];

const family = (id: string, releases: readonly Release[]): readonly Image[] =>
	releases.map((r) => ({
		repositories: [`docker.io/library/${id}`],
		tags: r.tags,
		sizeBytes: r.size,
		entrypoint: [],
		cmd: [id === 'ubuntu' ? '/bin/bash' : 'bash'],
		env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
		user: '',
		workdir: '/',
		files: baseFiles({ name: r.name, id, version: r.version, shell: '/bin/bash' }),
		programs,
	}));

export const distributionImages: readonly Image[] = [...family('debian', DEBIAN), ...family('ubuntu', UBUNTU)];
