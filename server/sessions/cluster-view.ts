/** The live picture of a cluster for the lab page, computed through the API by lists and watches, pushed when it has changed. */
import { LIMITS } from '../limits.ts';
import type { ClusterView } from '../protocol/messages.ts';
import type { ClusterEndpoint } from '../sandboxes/sandbox.ts';
import { Informer } from './informer.ts';
import { viewOf, type ViewSources } from './view-rows.ts';

const PATHS = {
	nodes: '/api/v1/nodes',
	pods: '/api/v1/pods',
	services: '/api/v1/services',
	events: '/api/v1/events',
	deployments: '/apis/apps/v1/deployments',
	statefulsets: '/apis/apps/v1/statefulsets',
	daemonsets: '/apis/apps/v1/daemonsets',
	jobs: '/apis/batch/v1/jobs',
	ingresses: '/apis/networking.k8s.io/v1/ingresses',
	slices: '/apis/discovery.k8s.io/v1/endpointslices',
} as const;

export class ClusterWatcher {
	private readonly informers: { readonly [K in keyof typeof PATHS]: Informer };
	private readonly now: () => number;
	private readonly push: (view: ClusterView) => void;
	private readonly changed: () => void;
	private last = '';
	private lastPush = Number.NEGATIVE_INFINITY;
	private planned: ReturnType<typeof setTimeout> | undefined;
	private stopped = false;

	/** `push` gets a view at most every LIMITS.viewMs, only when it differs; `changed` is called with every push. */
	constructor(endpoint: ClusterEndpoint, now: () => number, push: (view: ClusterView) => void, changed: () => void) {
		this.now = now;
		this.push = push;
		this.changed = changed;
		const plan = (): void => this.plan();
		const entries = Object.entries(PATHS).map(([name, path]) => [name, new Informer(endpoint, path, plan)] as const);
		this.informers = Object.fromEntries(entries) as { readonly [K in keyof typeof PATHS]: Informer };
		for (const [, informer] of entries) informer.start();
	}

	/** Sends the present view again to a page that has just come. */
	repeat(): void {
		this.last = '';
		this.plan();
	}

	stop(): void {
		this.stopped = true;
		if (this.planned !== undefined) clearTimeout(this.planned);
		for (const informer of Object.values(this.informers)) informer.stop();
	}

	private plan(): void {
		if (this.stopped || this.planned !== undefined) return;
		// The first picture waits for the essentials only.
		if (!this.informers.nodes.synced || !this.informers.pods.synced) return;
		const wait = Math.max(0, this.lastPush + LIMITS.viewMs - performance.now());
		this.planned = setTimeout(() => {
			this.planned = undefined;
			this.send();
		}, wait);
	}

	private send(): void {
		const sources = Object.fromEntries(Object.entries(this.informers).map(([name, informer]) => [name, informer.items])) as unknown as ViewSources;
		const view = viewOf(sources, this.now());
		const text = JSON.stringify({ ...view, now: 0 });
		if (text === this.last) return;
		this.last = text;
		this.lastPush = performance.now();
		this.push(view);
		this.changed();
	}
}
