/** The image of Kubernetes' own tests, which the specs name. */
export const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.47';
