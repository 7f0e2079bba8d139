import type { KubeletApi, Room, Services } from '../services.ts';

export function createKubelet(_services: Services): { readonly kubelet: KubeletApi; readonly room: Room } {
	throw new Error('being built');
}
