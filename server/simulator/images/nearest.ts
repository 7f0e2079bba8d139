/**
 * Published versions are more than those that are simulated: an older one that is asked for is played by the one nearest to it.
 * Newer ones are left out but for a few fixes, and so are those that people make up for a pull to fail.
 */
import type { Image } from './program.ts';

interface Version {
	readonly numbers: readonly [number, number, number];
	/** `-alpine3.20` without its own version: `alpine`. */
	readonly variant: string;
}

const FORM = /^v?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?(?:-([a-z][a-z0-9.-]*))?$/;
/** Numbers from here on stand for "no such version". */
const MADE_UP = 99;

function versionOf(tag: string): Version | undefined {
	const found = FORM.exec(tag);
	if (found === null) return undefined;
	const [, major, minor = '0', patch = '0', variant = ''] = found;
	const numbers = [Number(major), Number(minor), Number(patch)] as const;
	return numbers.some((n) => n >= MADE_UP) ? undefined : { numbers, variant: variant.replace(/[\d.]+$/, '') };
}

function compare(a: Version, b: Version): number {
	const at = [0, 1, 2].find((i) => a.numbers[i] !== b.numbers[i]);
	return at === undefined ? 0 : (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
}

/** How far apart two versions are: the major number counts most. */
const distance = (a: Version, b: Version): number =>
	a.numbers.reduce<number>((sum, n, i) => sum + Math.abs(n - (b.numbers[i] ?? 0)) * 1000 ** (2 - i), a.variant === b.variant ? 0 : 0.5);

/** Releases of a line that fixes go on in: so many more are taken for published. */
const FIXES = 9;

/** A version that is a few fixes on from another. */
const isFix = (a: Version, b: Version): boolean =>
	a.numbers[0] === b.numbers[0] && a.numbers[1] === b.numbers[1] && b.numbers[2] > 0 && a.numbers[2] - b.numbers[2] <= FIXES;

/** @param tags images of one repository by tag. */
export function nearestImage(tags: ReadonlyMap<string, Image>, tag: string): Image | undefined {
	const asked = versionOf(tag);
	if (asked === undefined) return undefined;
	const listed = [...tags].flatMap(([name, image]) => {
		const version = versionOf(name);
		return version === undefined ? [] : [{ version, image }];
	});
	if (!listed.some(({ version }) => compare(version, asked) > 0 || isFix(asked, version))) return undefined;
	return listed.reduce((best, other) => (distance(other.version, asked) < distance(best.version, asked) ? other : best)).image;
}
