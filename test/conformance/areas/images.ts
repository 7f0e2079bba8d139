/** Images of Kubernetes' own tests, which the specs name. */
export const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.47';
export const SAMPLE_API_SERVER = 'registry.k8s.io/e2e-test-images/sample-apiserver:1.17.7';
export const ETCD = 'registry.k8s.io/etcd:3.6.6-0';
