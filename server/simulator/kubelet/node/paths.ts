/** Where a node's own programs lie. Apart from the programs, so that a look at the files needs none of them. */

/** The name under which the kubelet finds a node's programs; kind's nodes are made of it. */
export const NODE_REPOSITORY = 'docker.io/kindest/node';
export const CONTROL_PLANE_NODE = 'foothold-control-plane';

export const NODE_PROGRAMS = {
	crictl: '/usr/local/bin/crictl',
	systemctl: '/usr/bin/systemctl',
	journalctl: '/usr/bin/journalctl',
	kubelet: '/usr/bin/kubelet',
	kubeadm: '/usr/bin/kubeadm',
	ps: '/usr/bin/ps',
	top: '/usr/bin/top',
	free: '/usr/bin/free',
} as const;
/** Marks a pod of the API's as what shows of a static pod; its value is the manifest's hash. */
export const MIRROR = 'kubernetes.io/config.mirror';
