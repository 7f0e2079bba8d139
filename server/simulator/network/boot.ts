/** The network as it stands at power-on: the workstation's host names lead to the ingress. */
import type { World } from '../kernel/world.ts';
import type { BootOptions } from '../services.ts';
import { changeNetwork } from './state.ts';

/** Address of the load balancer in front of the ingress controller. */
export const INGRESS_ADDRESS = '172.18.0.100';

export function bootNetwork(world: World, options: BootOptions): void {
	const outsideHosts = Object.fromEntries(options.hosts.map((host) => [host.toLowerCase(), INGRESS_ADDRESS]));
	changeNetwork(world, (s) => ({ ...s, outsideHosts }));
}
