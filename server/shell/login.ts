/** What a new workstation has for whoever comes to it: home, variables, the cluster's kubeconfig. */

/** The learner's home folder. */
export const HOME = '/home/learner';

/** Variables that a shell starts with. */
export const ENVIRONMENT: { readonly [name: string]: string } = {
	HOME,
	USER: 'learner',
	LOGNAME: 'learner',
	SHELL: '/bin/bash',
	TERM: 'xterm-256color',
	LANG: 'C.UTF-8',
	PATH: '/usr/local/bin:/usr/bin:/bin',
	HOSTNAME: 'workstation',
	KUBECONFIG: `${HOME}/.kube/config`,
	EDITOR: 'vi',
};

/** The kubeconfig a new workstation has. Its server is a name for people to see: kubectl here speaks to the sandbox's own cluster. */
export const kubeconfig = (namespace: string): string => `apiVersion: v1
kind: Config
clusters:
- cluster:
    server: https://foothold-control-plane:6443
  name: foothold
contexts:
- context:
    cluster: foothold
    namespace: ${namespace}
    user: kubernetes-admin
  name: foothold
current-context: foothold
users:
- name: kubernetes-admin
  user: {}
`;
