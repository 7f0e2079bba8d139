import { expect, test } from 'vitest';
import type { KubeObject } from '../../apiserver/types.ts';
import { findTarget } from './ingress-routes.ts';

const ingress = (annotations: { readonly [name: string]: string }): KubeObject =>
	({
		apiVersion: 'networking.k8s.io/v1',
		kind: 'Ingress',
		metadata: { name: 'llm', namespace: 'llm', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z', annotations },
		spec: {
			ingressClassName: 'nginx',
			rules: [{ host: 'llm.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'llm', port: { number: 80 } } } }] } }],
		},
	}) as unknown as KubeObject;

test('timeouts of an Ingress are whole seconds; what is none is passed over', () => {
	const read = (value: string): number | undefined =>
		findTarget([ingress({ 'nginx.ingress.kubernetes.io/proxy-read-timeout': value })], 'llm.test', '/v1')?.readMs;
	expect(read('600')).toBe(600_000);
	for (const wrong of ['', '10m', '-1', '1.5']) expect(read(wrong)).toBeUndefined();
	expect(findTarget([ingress({ 'nginx.ingress.kubernetes.io/proxy-connect-timeout': '3' })], 'llm.test', '/')?.connectMs).toBe(3000);
	expect(findTarget([ingress({})], 'llm.test', '/')).not.toHaveProperty('readMs');
});
