/** Metric series of a simulated cluster. */
import type { MetricSample, SandboxMetrics } from '../sandbox.ts';
import type { SimHost } from './host.ts';

export class SimulatedMetrics implements SandboxMetrics {
	constructor(_host: SimHost) {}

	async read(): Promise<readonly MetricSample[]> {
		return [];
	}
}
