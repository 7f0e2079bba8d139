/** What a lab marks as secret (lab.yaml `secrets`): masked in recordings. */
import { fillTokens } from '../grading/labs.ts';
import type { LabDefinition } from '../protocol/lab.ts';
import type { ClusterEndpoint } from '../sandboxes/sandbox.ts';
import type { Secrets } from '../terminal/masker.ts';

export class LabSecrets {
	private readonly objects: readonly string[];
	private readonly patterns: readonly RegExp[];
	private readonly values: Set<string>;
	private readonly cluster: ClusterEndpoint;

	constructor({ secrets }: LabDefinition, seed: number, cluster: ClusterEndpoint) {
		this.objects = secrets.objects;
		this.patterns = secrets.patterns.map((pattern) => new RegExp(pattern, 'g'));
		this.values = new Set(secrets.values.map((value) => fillTokens(value, seed)));
		this.cluster = cluster;
	}

	get present(): Secrets {
		return { values: [...this.values], patterns: this.patterns };
	}

	/** Reads the marked Secrets; values that they held before stay secret. True where there are new ones. */
	async refresh(): Promise<boolean> {
		const before = this.values.size;
		await Promise.all(this.objects.map((object) => this.read(object)));
		return this.values.size > before;
	}

	private async read(object: string): Promise<void> {
		const [namespace = '', name = ''] = object.split('/');
		const answer = await this.cluster.fetch(new Request(`http://cluster/api/v1/namespaces/${namespace}/secrets/${name}`));
		// Not there (yet): it has no values to mask.
		if (!answer.ok) return;
		const { data = {} } = (await answer.json()) as { readonly data?: { readonly [key: string]: string } };
		for (const value of Object.values(data)) this.values.add(Buffer.from(value, 'base64').toString('utf8'));
	}
}
