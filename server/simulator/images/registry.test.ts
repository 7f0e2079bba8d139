import { expect, test } from 'vitest';
import { pull } from './registry.ts';

test.each([
	['nginx', 'docker.io/library/nginx:latest'],
	['nginx:1.29-alpine', 'docker.io/library/nginx:1.29-alpine'],
	['docker.io/nginxinc/nginx-unprivileged:1.28', 'docker.io/nginxinc/nginx-unprivileged:1.28'],
	['ghcr.io/foothold/notes-api:1.4.2', 'ghcr.io/foothold/notes-api:1.4.2'],
])('%s is there', (reference, normalised) => {
	const found = pull(reference);
	if ('error' in found) throw new Error(found.error);
	expect(found.normalised).toBe(normalised);
	expect(found.imageID).toMatch(/^[a-z./-]+@sha256:[0-9a-f]{64}$/);
	const byDigest = pull(found.imageID);
	expect('image' in byDigest && byDigest.image).toBe(found.image);
});

test('tags of one image share a digest', () => {
	const [a, b] = [pull('nginx:1.29.3'), pull('nginx')];
	expect('imageID' in a && 'imageID' in b && a.imageID === b.imageID).toBe(true);
});

test.each([
	[
		'nosuch',
		'failed to pull and unpack image "docker.io/library/nosuch:latest": failed to resolve reference "docker.io/library/nosuch:latest": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
	],
	[
		'nginx:9.9',
		'failed to pull and unpack image "docker.io/library/nginx:9.9": failed to resolve reference "docker.io/library/nginx:9.9": docker.io/library/nginx:9.9: not found',
	],
	[
		'reg.example.com/a:1',
		'failed to pull and unpack image "reg.example.com/a:1": failed to resolve reference "reg.example.com/a:1": failed to do request: Head "https://reg.example.com/v2/a/manifests/1": dial tcp: lookup reg.example.com on 172.18.0.1:53: no such host',
	],
	['Nginx:latest', 'couldn\'t parse image name "Nginx:latest": invalid reference format'],
])('%s fails', (reference, error) => {
	expect(pull(reference)).toEqual({ error });
});
