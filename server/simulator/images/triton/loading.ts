/** Models coming and going: at the start, by `load` and `unload`, by polling. */
import type { HttpResponse } from '../../network/types.ts';
import { useGpus } from './batcher.ts';
import { BACKENDS, backendOf, messageOfJson } from './config.ts';
import { errorAnswer, jsonAnswer } from './http.ts';
import { log } from './log.ts';
import type { Message } from './pbtxt.ts';
import { type Found, findModelFolder, isFolder, type Surroundings } from './repository.ts';
import { keyOf, type Model, setStats, type Triton } from './state.ts';

export const surroundings = (process: Triton): Surroundings => ({
	fs: process.fs,
	gpus: process.gpus(),
	strict: process.data.options.strictConfig,
	defaultMaxBatch: process.data.options.defaultMaxBatch,
});

/** Folders of the repositories that may be models. */
export function candidates(process: Triton): readonly (readonly [name: string, root: string])[] {
	return process.data.options.repositories.flatMap((root) => {
		const listed = process.fs.list(root);
		return (listed.ok ? listed.value : [])
			.filter((n) => !n.startsWith('.') && !n.startsWith('..') && isFolder(process.fs, `${root}/${n}`))
			.map((n) => [n, root] as const);
	});
}

export type Polled = Found & { readonly kind: 'polled' };

/** Notes a model that is about to load; its versions are LOADING, or UNAVAILABLE with their reason. */
export function begin(process: Triton, name: string, found: Polled): void {
	const none = "at least one version must be available under the version policy of model '";
	for (const v of found.versions) log(process, 'I', 'model_lifecycle.cc:472', `loading: ${name}:${v.version}`);
	if (found.versions.length === 0) log(process, 'E', 'model_repository_manager.cc:703', `failed to load model '${name}': ${none}${name}'`);
	const model: Model = {
		config: found.config,
		loadMs: found.loadMs,
		versions:
			found.versions.length === 0
				? [{ version: 1, state: 'UNAVAILABLE', reason: `Invalid argument: ${none}${name}'` }]
				: found.versions.map((v) => ({ ...v, state: 'LOADING', reason: '' })),
	};
	process.data = { ...process.data, models: { ...process.data.models, [name]: model } };
}

/** The backend has done its work: versions are READY or have failed. */
export function settle(process: Triton, name: string): boolean {
	const model = process.data.models[name];
	if (model === undefined) return false;
	const backend = backendOf(model.config);
	const known = BACKENDS[backend] !== undefined;
	if (known && model.versions.some((v) => v.state === 'LOADING')) {
		log(process, 'I', `${backend}.cc:2899`, `TRITONBACKEND_Initialize: ${backend}`);
		log(process, 'I', `${backend}.cc:2909`, 'Triton TRITONBACKEND API version: 1.19');
	}
	const versions = model.versions.map((v) => {
		if (v.state !== 'LOADING') return v;
		if (v.fault !== undefined) {
			log(process, 'E', 'model_lifecycle.cc:642', `failed to load '${name}' version ${v.version}: ${v.fault}`);
			return { ...v, state: 'UNAVAILABLE' as const, reason: v.fault };
		}
		log(process, 'I', `${backend}.cc:3005`, `TRITONBACKEND_ModelInitialize: ${name} (version ${v.version})`);
		for (const g of model.config.instanceGroups) {
			const devices = g.kind === 'KIND_GPU' ? g.gpus.map((d) => `GPU device ${d}`) : [`${g.kind === 'KIND_MODEL' ? 'MODEL' : 'CPU'} device 0`];
			for (const device of devices)
				for (let i = 0; i < g.count; i++) log(process, 'I', `${backend}.cc:3070`, `TRITONBACKEND_ModelInstanceInitialize: ${g.name}_${i} (${device})`);
		}
		setStats(process, keyOf(name, v.version), (s) => ({ ...s, loadSecs: model.loadMs / 1000 }));
		return { ...v, state: 'READY' as const, reason: '' };
	});
	const good = versions.some((v) => v.state === 'READY');
	if (good) log(process, 'I', 'model_lifecycle.cc:839', `successfully loaded '${name}'`);
	process.data = { ...process.data, models: { ...process.data.models, [name]: { ...model, versions } } };
	useGpus(process);
	return good && versions.every((v) => v.state === 'READY');
}

const FORBIDDEN = 'explicit model load / unload is not allowed if polling is enabled';

/** The configuration that a load request may bring along, as JSON in a string. */
function overrideOf(body: string): Message | undefined | { readonly fault: string } {
	if (body.trim() === '') return undefined;
	try {
		const { parameters } = JSON.parse(body) as { readonly parameters?: { readonly config?: unknown } };
		return typeof parameters?.config === 'string' ? messageOfJson(JSON.parse(parameters.config) as { readonly [field: string]: unknown }) : undefined;
	} catch {
		return { fault: 'failed to parse the request JSON buffer: Invalid value. at 0' };
	}
}

/** `POST …/load`: answered once the model is there, or has failed. */
export function askLoad(process: Triton, connection: string, name: string, body: string): HttpResponse | undefined {
	if (process.data.options.mode !== 'explicit') return errorAnswer(503, FORBIDDEN);
	const override = overrideOf(body);
	if (override !== undefined && 'fault' in override && typeof override['fault'] === 'string') return errorAnswer(400, override['fault']);
	const place = candidates(process).find(([n]) => n === name);
	if (place === undefined) return errorAnswer(400, `failed to load '${name}', failed to poll from model repository`);
	const found = findModelFolder(surroundings(process), place[1], name, override as Message | undefined);
	if (found.kind === 'unpolled') {
		for (const line of found.words.split('\n')) log(process, 'E', 'model_repository_manager.cc:1335', line);
		return errorAnswer(400, `failed to load '${name}', failed to poll from model repository`);
	}
	begin(process, name, found);
	process.data = { ...process.data, loads: { ...process.data.loads, [name]: { connection } } };
	process.timer(Math.max(1, found.loadMs), `loaded:${name}`);
	return undefined;
}

/** A load that was asked for is through. */
export function loaded(process: Triton, name: string): void {
	const asked = process.data.loads[name];
	const { [name]: _done, ...loads } = process.data.loads;
	process.data = { ...process.data, loads };
	settle(process, name);
	if (asked === undefined) return;
	const versions = process.data.models[name]?.versions ?? [];
	const bad = versions.filter((v) => v.state !== 'READY');
	if (bad.length === 0) process.respond(asked.connection, jsonAnswer(200, ''));
	else {
		const why = bad.map((v) => (v.fault === undefined ? v.reason : `version ${v.version} is at UNAVAILABLE state: ${v.reason};`)).join('\n');
		process.respond(asked.connection, errorAnswer(400, `load failed for model '${name}': ${why}\n`));
	}
}

/** `POST …/unload`: what is under way is computed to its end. */
export function unload(process: Triton, name: string): HttpResponse {
	if (process.data.options.mode !== 'explicit') return errorAnswer(503, FORBIDDEN);
	const model = process.data.models[name];
	if (model !== undefined) {
		log(process, 'I', 'model_lifecycle.cc:624', `successfully unloaded '${name}' version ${model.versions.at(-1)?.version ?? 1}`);
		process.data = {
			...process.data,
			models: {
				...process.data.models,
				[name]: { ...model, versions: model.versions.map((v) => ({ ...v, state: 'UNAVAILABLE' as const, reason: 'unloaded' })) },
			},
		};
		useGpus(process);
	}
	return jsonAnswer(200, '');
}

/** `--model-control-mode=poll`: what has changed in the repositories is loaded anew, what is gone is unloaded. */
export function poll(process: Triton): void {
	const there = new Map(candidates(process));
	for (const [name, model] of Object.entries(process.data.models)) {
		if (there.has(name)) continue;
		log(process, 'I', 'model_lifecycle.cc:624', `successfully unloaded '${name}' version ${model.versions.at(-1)?.version ?? 1}`);
		const { [name]: _gone, ...models } = process.data.models;
		process.data = { ...process.data, models };
	}
	for (const [name, root] of there) {
		const found = findModelFolder(surroundings(process), root, name);
		const before = process.data.models[name];
		if (found.kind === 'unpolled') {
			if (before === undefined) for (const line of found.words.split('\n')) log(process, 'E', 'model_repository_manager.cc:1335', line);
			continue;
		}
		const same =
			before !== undefined &&
			JSON.stringify(before.config) === JSON.stringify(found.config) &&
			JSON.stringify(before.versions.map((v) => [v.version, v.fault])) === JSON.stringify(found.versions.map((v) => [v.version, v.fault]));
		if (same) continue;
		begin(process, name, found);
		process.timer(Math.max(1, found.loadMs), `loaded:${name}`);
	}
}
