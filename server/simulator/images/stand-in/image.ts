/** Images whose programs are not simulated: a shell, the customary tools, and a stand-in for what they are there for. */
import { hashText } from '../../kernel/random.ts';
import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import type { Reference } from '../reference.ts';
import { busyboxTools } from '../toolbox.ts';
import { isPlausibleTag, isPublic } from './public.ts';
import { standInProgram } from './program.ts';

/** Where the stand-in lies in such an image. */
export const STAND_IN_PATH = '/.stand-in';

const MIB = 1 << 20;
/** Derived data alone: kept for all worlds. */
const made = new Map<string, Image>();
const KEPT = 1000;

/** The image of a repository that is there in the world but not simulated; undefined where there is none, or not of that tag. */
export function standInImage({ repository, tag }: Reference): Image | undefined {
	if (!isPublic(repository) || (tag !== undefined && !isPlausibleTag(tag))) return undefined;
	let image = made.get(repository);
	if (image === undefined) {
		image = build(repository);
		if (made.size >= KEPT) made.clear();
		made.set(repository, image);
	}
	return image;
}

function build(repository: string): Image {
	const name = `/${repository.slice(repository.lastIndexOf('/') + 1)}`;
	return {
		repositories: [repository],
		tags: [],
		sizeBytes: 20 * MIB + (hashText(repository) % (100 * MIB)),
		entrypoint: [name],
		cmd: [],
		env: {},
		// As images are advised to have it: a number, and not root's, so that pods may ask for either.
		user: '65532',
		workdir: '/',
		files: baseFiles({ name: 'Linux', id: 'linux', version: '1', shell: '/bin/sh' }),
		programs: { ...busyboxTools(), [name]: standInProgram as Program<never>, [STAND_IN_PATH]: standInProgram as Program<never> },
		standIn: true,
	};
}
