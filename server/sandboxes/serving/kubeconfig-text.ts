/** A kubeconfig for one cluster, as YAML (JSON strings are YAML). */
export function kubeconfigText(options: {
	readonly server: string;
	/** Left out where the server's certificate is one that every machine trusts. */
	readonly authority?: string;
	readonly token: string;
	readonly name?: string;
	readonly namespace?: string;
}): string {
	const { name = 'foothold' } = options;
	const q = (text: string): string => JSON.stringify(text);
	return `apiVersion: v1
kind: Config
clusters:
- name: ${q(name)}
  cluster:
    server: ${q(options.server)}${options.authority === undefined ? '' : `\n    certificate-authority-data: ${Buffer.from(options.authority).toString('base64')}`}
contexts:
- name: ${q(name)}
  context:
    cluster: ${q(name)}
    user: ${q(name)}${options.namespace === undefined ? '' : `\n    namespace: ${q(options.namespace)}`}
current-context: ${q(name)}
users:
- name: ${q(name)}
  user:
    token: ${q(options.token)}
`;
}
