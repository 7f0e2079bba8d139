/**
 * A fork of a booted cluster, served over https, for one conformance spec. Its time stands still until the spec lets it
 * pass, so that "wait until" costs what the simulator computes and nothing else.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, request as send } from 'undici';
import { expect } from 'vitest';
import { type ServedCluster, serveClusters, type Serving } from '../../../server/sandboxes/serve.ts';
import { servingCertificate } from '../../../server/sandboxes/serving/authority.ts';
import { kubeconfigText } from '../../../server/sandboxes/serving/kubeconfig-text.ts';
import { ForkHost } from '../../../server/sandboxes/simulated/host.ts';
import { Template } from '../../../server/sandboxes/simulated/template.ts';
import { SimulatorFork } from '../../../server/sandboxes/simulator.ts';
import { Resource } from './resource.ts';

/** The administrator's bearer token. */
export const TOKEN = 'areas';
/** Virtual ms between two looks of `until`. */
const LOOK_MS = 500;

export interface Answer<T> {
	readonly status: number;
	readonly body: T;
	readonly text: string;
	readonly headers: { readonly [name: string]: string | string[] | undefined };
}

export interface Status {
	readonly kind: 'Status';
	readonly message: string;
	readonly reason: string;
	readonly code: number;
	readonly details?: { readonly causes?: readonly { readonly reason: string; readonly message: string; readonly field: string }[] };
}

export interface SendOptions {
	readonly body?: unknown;
	readonly headers?: { readonly [name: string]: string };
	/** Whose token; the administrator's where left out. */
	readonly token?: string;
}

/** One https server and one booted template for all specs of a file. */
export class Clusters {
	readonly #served = new Map<string, ServedCluster>();
	readonly #template: Template;
	readonly #serving: Serving;
	readonly #authority: string;
	readonly #agent: Agent;
	#count = 0;

	private constructor(template: Template, served: Map<string, ServedCluster>, serving: Serving, authority: string) {
		this.#template = template;
		this.#served = served;
		this.#serving = serving;
		this.#authority = authority;
		this.#agent = new Agent({ connect: { ca: authority }, connections: 64 });
	}

	static async start(): Promise<Clusters> {
		const certificate = await servingCertificate();
		const served = new Map<string, ServedCluster>();
		const serving = await serveClusters({ certificate, port: 0, find: (path) => served.get(path.split(/[/?]/)[1] ?? '') });
		return new Clusters(Template.build({ seed: 11 }), served, serving, certificate.authority);
	}

	fork(): Cluster {
		const id = `c${++this.#count}`;
		const sandbox = new SimulatorFork(id, new ForkHost(this.#template.simulator.fork()));
		this.#served.set(id, { endpoint: sandbox.cluster, token: TOKEN, prefix: `/${id}` });
		const server = `${this.#serving.url}/${id}`;
		return new Cluster(sandbox, server, this.#authority, this.#agent);
	}

	async close(): Promise<void> {
		await this.#agent.destroy();
		await this.#serving.close();
	}
}

export class Cluster {
	readonly sandbox: SimulatorFork;
	readonly server: string;
	readonly authority: string;
	readonly #agent: Agent;

	constructor(sandbox: SimulatorFork, server: string, authority: string, agent: Agent) {
		this.sandbox = sandbox;
		this.server = server;
		this.authority = authority;
		this.#agent = agent;
	}

	/** The kubeconfig of `token`'s user, as text. */
	kubeconfig(token = TOKEN): string {
		return kubeconfigText({ server: this.server, authority: this.authority, token, name: 'areas' });
	}

	/** The same for the client library's typed clients. */
	config(token = TOKEN): KubeConfig {
		const config = new KubeConfig();
		config.loadFromString(this.kubeconfig(token));
		return config;
	}

	async raw(method: string, path: string, options: SendOptions = {}): Promise<Dispatcher.ResponseData> {
		const { body } = options;
		const text = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
		return send(`${this.server}${path}`, {
			method: method as Dispatcher.HttpMethod,
			dispatcher: this.#agent,
			headers: { authorization: `Bearer ${options.token ?? TOKEN}`, 'content-type': 'application/json', ...options.headers },
			...(text === undefined ? {} : { body: text }),
		});
	}

	/** Any request; `body` is what JSON was in the answer. */
	async send<T = Status>(method: string, path: string, options: SendOptions = {}): Promise<Answer<T>> {
		const answer = await this.raw(method, path, options);
		const text = await answer.body.text();
		const json = text !== '' && /json/.test(String(answer.headers['content-type'])) ? (JSON.parse(text) as T) : ({} as T);
		return { status: answer.statusCode, body: json, text, headers: answer.headers };
	}

	/** A GET that must succeed. */
	async get<T>(path: string): Promise<T> {
		const answer = await this.send<T>('GET', path);
		if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
		return answer.body;
	}

	/** A resource by its API version and plural (`apps/v1/deployments`), in `namespace`; '' for those of the cluster. */
	at<T>(resource: string, namespace = 'default'): Resource<T> {
		return new Resource<T>(this, resource, namespace);
	}

	/** Lets virtual seconds pass. */
	pass(seconds: number): Promise<void> {
		return this.sandbox.clock.advance(seconds * 1000);
	}

	/** Virtual time as the API writes it. */
	now(): Date {
		return new Date(this.sandbox.clock.now());
	}

	/** Looks again and again while time passes, until `look` gives something true; fails after so many virtual seconds. */
	async until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false, seconds = 120): Promise<T> {
		const end = this.sandbox.clock.now() + seconds * 1000;
		for (;;) {
			const found = await look();
			if (found !== undefined && found !== false) return found;
			if (this.sandbox.clock.now() >= end) return expect.fail(`waited ${seconds} s for: ${what}`);
			await this.sandbox.clock.advance(LOOK_MS);
		}
	}

	/** Lets time pass for as long as `work` takes: for streams. */
	async during<T>(work: Promise<T>): Promise<T> {
		let over = false;
		const end = (): void => {
			over = true;
		};
		work.then(end, end);
		while (!over) {
			await this.sandbox.clock.advance(100);
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
		return work;
	}

	async dispose(): Promise<void> {
		await this.sandbox.dispose();
	}
}
