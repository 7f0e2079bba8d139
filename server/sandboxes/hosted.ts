/** What sessions need of a sandbox that they host, beyond what checks and the workstation may use. */
import type { ClusterEndpoint, CommandRecord, Sandbox } from './sandbox.ts';

export interface HostedSandbox extends Sandbox {
	/** Reads the cluster without leaving a trace where the provider can (the cluster view's lists and watches). */
	readonly observer: ClusterEndpoint;
	/** Why part of what was kept could not be read back, where so. */
	readonly damage: string | undefined;
	/** Somebody is attached: time goes on until the returned function is called. */
	hold(): () => void;
	/** Writes a command line to the journal; resolves when it is durable. */
	recordCommand(record: CommandRecord): Promise<void>;
}
