/** Metric series of a simulated cluster. */
import type { MetricSample, SandboxMetrics } from '../sandbox.ts';
import type { SimHost } from './host.ts';

export class SimulatedMetrics implements SandboxMetrics {
	private readonly host: SimHost;

	constructor(host: SimHost) {
		this.host = host;
	}

	async read(): Promise<readonly MetricSample[]> {
		return [];
	}
}
