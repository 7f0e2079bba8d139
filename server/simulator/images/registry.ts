/**
 * The images that exist in the simulated world, and what a pull of any other says. One line an image family in `IMAGES`.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Services } from '../services.ts';
import { agnhostImages } from './agnhost/image.ts';
import { busyboxImages } from './busybox/image.ts';
import { curlImages } from './curl/image.ts';
import { databaseImages } from './databases/image.ts';
import { distributionImages } from './distributions/image.ts';
import { httpServerImages } from './http-servers/image.ts';
import { httpdImages } from './httpd/image.ts';
import { networkToolImages } from './network-tools/image.ts';
import { nearestImage } from './nearest.ts';
import { nginxImages } from './nginx/image.ts';
import { notesApiImages } from './notes-api/image.ts';
import { pauseImages } from './pause/image.ts';
import { nvidiaImages } from './nvidia/image.ts';
import { perlImages } from './perl/image.ts';
import { postgresImages } from './postgres/image.ts';
import type { Image } from './program.ts';
import { prometheusAdapterImages } from './prometheus-adapter/image.ts';
import { pythonImages } from './python/image.ts';
import { redisImages } from './redis/image.ts';
import { parseReference, type Reference } from './reference.ts';
import { standInImage } from './stand-in/image.ts';
import { isPublic } from './stand-in/public.ts';
import { sampleApiServerImages } from './sample-apiserver/image.ts';
import { stressImages } from './stress/image.ts';
import { tritonImages } from './triton/image.ts';
import { vllmImages } from './vllm/image.ts';

/** Every image of the world. */
export const IMAGES: readonly Image[] = [
	...nginxImages,
	...postgresImages,
	...notesApiImages,
	...busyboxImages,
	...curlImages,
	...distributionImages,
	...httpServerImages,
	...httpdImages,
	...pauseImages,
	...redisImages,
	...stressImages,
	...agnhostImages,
	...databaseImages,
	...networkToolImages,
	...nvidiaImages,
	...perlImages,
	...prometheusAdapterImages,
	...pythonImages,
	...sampleApiServerImages,
	...tritonImages,
	...vllmImages,
];

/** A digest that is the same for every tag of an image and in every run. */
export function imageDigest(repository: string, image: Image): string {
	return `sha256:${bytesToHex(sha256(utf8ToBytes(`${repository}@${image.tags[0] ?? ''}`)))}`;
}

/** Images of a repository by tag. Digests are told on demand: hashing them all would take a start's time from every cluster. */
const byRepository = new Map<string, Map<string, Image>>();
for (const image of IMAGES) {
	for (const repository of image.repositories) {
		const tags = byRepository.get(repository) ?? new Map<string, Image>();
		byRepository.set(repository, tags);
		for (const tag of image.tags) {
			if (tags.has(tag)) throw new Error(`two images claim ${repository}:${tag}`);
			tags.set(tag, image);
		}
	}
}

const digests = new Map<string, ReadonlyMap<string, Image>>();

/** Images of a repository by digest. */
function byDigest(repository: string, tags: ReadonlyMap<string, Image>): ReadonlyMap<string, Image> {
	const known = digests.get(repository);
	if (known !== undefined) return known;
	const made = new Map([...tags.values()].map((image) => [imageDigest(repository, image), image]));
	digests.set(repository, made);
	return made;
}

/** Registries that answer; any other host name does not resolve. */
function refusal(ref: Reference): string {
	const slash = ref.repository.indexOf('/');
	const host = ref.repository.slice(0, slash);
	const path = ref.repository.slice(slash + 1);
	const version = ref.digest ?? ref.tag ?? 'latest';
	switch (host) {
		case 'docker.io':
			return 'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
		case 'ghcr.io':
			return `failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3A${encodeURIComponent(path)}%3Apull&service=ghcr.io: 403 Forbidden`;
		case 'quay.io':
			return `unexpected status from HEAD request to https://quay.io/v2/${path}/manifests/${version}: 401 UNAUTHORIZED`;
		case 'nvcr.io':
		case 'registry.k8s.io':
		case 'gcr.io':
			return `${ref.text}: not found`;
		default: {
			const name = host.split(':')[0] ?? host;
			return `failed to do request: Head "https://${host}/v2/${path}/manifests/${version}": dial tcp: lookup ${name} on 172.18.0.1:53: no such host`;
		}
	}
}

/** Where Docker Hub's official images are, too. */
const MIRRORS = /^(?:(?:public\.ecr\.aws|ecr-public\.aws\.com)\/docker|mirror\.gcr\.io)\/library\//;

/** Our own images have the versions they have. */
const OURS = 'ghcr.io/foothold/';

function byTag({ repository, tag }: Reference, tags: ReadonlyMap<string, Image>): Image | undefined {
	if (tag === undefined) return undefined;
	return tags.get(tag) ?? (repository.startsWith(OURS) ? undefined : nearestImage(tags, tag));
}

function pullStandIn(ref: Reference): ReturnType<Services['images']['pull']> | undefined {
	const image = standInImage(ref);
	if (image === undefined) return undefined;
	const digest = ref.digest ?? `sha256:${bytesToHex(sha256(utf8ToBytes(ref.text)))}`;
	return { image, imageID: `${ref.repository}@${digest}`, normalised: ref.text };
}

/** Finds an image by its reference as written in a pod; `error` is worded as containerd words a failed pull. */
export function pull(reference: string): ReturnType<Services['images']['pull']> {
	const ref = parseReference(reference);
	if (ref === undefined) return { error: `couldn't parse image name "${reference}": invalid reference format` };
	const failed = (why: string) => ({ error: `failed to pull and unpack image "${ref.text}": failed to resolve reference "${ref.text}": ${why}` });
	const tags = byRepository.get(ref.repository) ?? byRepository.get(ref.repository.replace(MIRRORS, 'docker.io/library/'));
	if (tags === undefined) return pullStandIn(ref) ?? failed(isPublic(ref.repository) ? `${ref.text}: not found` : refusal(ref));
	const image = ref.digest === undefined ? byTag(ref, tags) : (byDigest(ref.repository, tags).get(ref.digest) ?? byTag(ref, tags));
	if (image === undefined) return (MIRRORS.test(ref.repository) ? pullStandIn(ref) : undefined) ?? failed(`${ref.text}: not found`);
	return { image, imageID: `${ref.repository}@${ref.digest ?? imageDigest(ref.repository, image)}`, normalised: ref.text };
}

export const imageRegistry: Services['images'] = { pull };
