/** tritonserver as a program: the start with its log and tables, then requests, then the end. */
import type { Program } from '../program.ts';
import { dispatch, expire, finish, forget, report, useGpus } from './batcher.ts';
import { BACKENDS, backendOf } from './config.ts';
import { textAnswer } from './http.ts';
import { nextToken } from './llm.ts';
import { begin, candidates, loaded, poll, settle, surroundings } from './loading.ts';
import { log, table } from './log.ts';
import { metricsPage } from './metrics.ts';
import { type Options, parseOptions } from './options.ts';
import { findModelFolder, isFolder } from './repository.ts';
import { serve } from './serve.ts';
import type { Data, Triton } from './state.ts';
import type { Release } from './versions.ts';

/** What the image's entry point prints before it runs anything. */
export const banner = (r: Release): string => `
=============================
== Triton Inference Server ==
=============================

NVIDIA Release ${r.container} (build ${r.build})
Triton Server Version ${r.server}

Copyright (c) 2018-2024, NVIDIA CORPORATION & AFFILIATES.  All rights reserved.

Various files include modifications (c) NVIDIA CORPORATION & AFFILIATES.  All rights reserved.

This container image and its contents are governed by the NVIDIA Deep Learning Container License.
By pulling and using the container, you accept the terms and conditions of this license:
https://developer.nvidia.com/ngc/nvidia-deep-learning-container-license

`;

const NO_GPU = `WARNING: The NVIDIA Driver was not detected.  GPU functionality will not be available.
   Use the NVIDIA Container Toolkit to start this container with GPU support; see
   https://docs.nvidia.com/datacenter/cloud-native/ .

`;

/** ms until the first line of the log: CUDA's start. */
const START_MS = 1800;

function newData(options: Options, now: number): Data {
	return {
		phase: 'starting',
		options,
		startedAt: now,
		models: {},
		queues: {},
		running: {},
		streams: {},
		stats: {},
		nextId: 1,
		freeAt: {},
		busyMs: {},
		util: {},
		reportedAt: now,
		loads: {},
	};
}

/** The end of a start that failed. */
function giveUp(process: Triton, why: string): void {
	log(process, 'I', 'server.cc:305', 'Waiting for in-flight requests to complete.');
	log(process, 'I', 'server.cc:321', 'Timeout 30: Found 0 model versions that have in-flight inferences');
	log(process, 'I', 'server.cc:336', 'All models are stopped, unloading models');
	log(process, 'I', 'server.cc:345', 'Timeout 30: Found 0 live models and 0 in-flight non-inference requests');
	process.stderr(`error: creating server: Internal - ${why}\n`);
	process.exit(1);
}

/** The first look at the repositories. */
function firstLook(process: Triton): void {
	const { options } = process.data;
	const gpus = process.gpus();
	if (gpus.length > 0) {
		log(process, 'I', 'pinned_memory_manager.cc:277', "Pinned memory pool is created at '0x7f1c5e000000' with size 268435456");
		for (const i of gpus.keys()) log(process, 'I', 'cuda_memory_manager.cc:107', `CUDA memory pool is created on device ${i} with size 67108864`);
	} else {
		log(
			process,
			'W',
			'pinned_memory_manager.cc:273',
			'Unable to allocate pinned system memory, pinned memory pool will not be available: CUDA driver version is insufficient for CUDA runtime version',
		);
		log(process, 'I', 'cuda_memory_manager.cc:117', 'CUDA memory pool disabled');
	}
	const missing = options.repositories.find((r) => !isFolder(process.fs, r));
	if (missing !== undefined) {
		log(process, 'E', 'server.cc:241', `failed to stat file ${missing}`);
		process.stderr(`error: creating server: Internal - failed to stat file ${missing}\n`);
		process.exit(1);
		return;
	}
	let failed = false;
	let longest = 1;
	const wanted = candidates(process).filter(([name]) => options.mode !== 'explicit' || options.load.includes('*') || options.load.includes(name));
	for (const name of options.load) {
		if (name === '*' || wanted.some(([n]) => n === name)) continue;
		log(process, 'E', 'model_repository_manager.cc:1335', `Poll failed for model directory '${name}': unable to find model directory in the repositories`);
		failed = true;
	}
	for (const [name, root] of wanted) {
		const found = findModelFolder(surroundings(process), root, name);
		if (found.kind === 'unpolled') {
			for (const line of found.words.split('\n')) log(process, 'E', 'model_repository_manager.cc:1335', line);
			failed = true;
			continue;
		}
		begin(process, name, found);
		longest = Math.max(longest, found.loadMs);
	}
	process.timer(longest, failed ? 'settle-failed' : 'settle');
}

/** All have loaded or failed: tables, ports. */
function settled(process: Triton, release: Release, failedBefore: boolean): void {
	let good = !failedBefore;
	for (const name of Object.keys(process.data.models).sort()) good = settle(process, name) && good;
	tables(process, release);
	if (!good && process.data.options.exitOnError) {
		giveUp(process, 'failed to load all models');
		return;
	}
	open(process);
}

function tables(process: Triton, release: Release): void {
	const { data } = process;
	const models = Object.keys(data.models).sort();
	log(process, 'I', 'server.cc:604', table(['Repository Agent', 'Path'], []).replace(/\n\+-+\+-+\+\n$/, '\n+------------------+------+\n'));
	const backends = [...new Set(models.map((m) => backendOf(data.models[m]?.config ?? ({ backend: '', platform: '' } as never))))].filter(
		(b) => BACKENDS[b] !== undefined,
	);
	log(
		process,
		'I',
		'server.cc:631',
		table(
			['Backend', 'Path', 'Config'],
			backends.map((b) => [
				b,
				b === 'vllm' ? '/opt/tritonserver/backends/vllm/model.py' : `/opt/tritonserver/backends/${b}/libtriton_${b}.so`,
				`{"cmdline":{"auto-complete-config":"${!data.options.strictConfig}","backend-directory":"/opt/tritonserver/backends","min-compute-capability":"6.000000","default-max-batch-size":"${data.options.defaultMaxBatch}"}}`,
			]),
		),
	);
	log(
		process,
		'I',
		'server.cc:674',
		table(
			['Model', 'Version', 'Status'],
			models.flatMap((m) =>
				(data.models[m]?.versions ?? []).map((v) => [
					m,
					v.fault === undefined && v.reason !== '' ? '-' : String(v.version),
					v.state === 'READY' ? 'READY' : `UNAVAILABLE: ${v.reason}`,
				]),
			),
		),
	);
	for (const [i, g] of process.gpus().entries()) log(process, 'I', 'metrics.cc:877', `Collecting metrics for GPU ${i}: ${g.name}`);
	log(process, 'I', 'metrics.cc:770', 'Collecting CPU metrics');
	const o = data.options;
	log(
		process,
		'I',
		'tritonserver.cc:2598',
		table(
			['Option', 'Value'],
			[
				['server_id', 'triton'],
				['server_version', release.server],
				[
					'server_extensions',
					'classification sequence model_repository model_repository(unload_dependents) schedule_policy model_configuration system_shared_memory cuda_shared_memory binary_tensor_data parameters statistics trace logging',
				],
				...o.repositories.map((r, i) => [`model_repository_path[${i}]`, r]),
				['model_control_mode', `MODE_${o.mode.toUpperCase()}`],
				...o.load.map((l, i) => [`startup_models_${i}`, l]),
				['strict_model_config', o.strictConfig ? '1' : '0'],
				['model_config_name', ''],
				['rate_limit', 'OFF'],
				['pinned_memory_pool_byte_size', '268435456'],
				...process.gpus().map((_, i) => [`cuda_memory_pool_byte_size{${i}}`, '67108864']),
				['min_supported_compute_capability', '6.0'],
				['strict_readiness', o.strictReadiness ? '1' : '0'],
				['exit_timeout', String(o.exitTimeoutSecs)],
				['cache_enabled', '0'],
			],
		),
	);
}

function open(process: Triton): void {
	const { options } = process.data;
	log(process, 'I', 'grpc_server.cc:2558', 'Started GRPCInferenceService at 0.0.0.0:8001');
	for (const [port, use, place, name] of [
		[options.httpPort, options.allowHttp, 'http_server.cc:4704', 'HTTPService'],
		[options.metricsPort, options.allowMetrics, 'http_server.cc:362', 'Metrics Service'],
	] as const) {
		if (!use) continue;
		if (!process.listen(port)) {
			process.stderr(`failed to start ${name === 'HTTPService' ? 'HTTP' : 'Metrics'} service: Unavailable - Socket '0.0.0.0:${port}' already in use \n`);
			process.exit(1);
			return;
		}
		log(process, 'I', place, `Started ${name} at 0.0.0.0:${port}`);
	}
	process.listen(8001);
	process.data = { ...process.data, phase: 'serving' };
	useGpus(process);
	if (options.mode === 'poll') process.timer(options.pollSecs * 1000, 'poll');
}

/** A graceful end: what is under way is answered. */
function drain(process: Triton): void {
	const busy = Object.values(process.data.running).length + Object.keys(process.data.streams).length;
	const over = process.now - process.data.reportedAt > process.data.options.exitTimeoutSecs * 1000;
	if (busy > 0 && !over) {
		process.timer(100, 'drain');
		return;
	}
	log(process, 'I', 'server.cc:336', 'All models are stopped, unloading models');
	log(process, 'I', 'server.cc:345', `Timeout ${process.data.options.exitTimeoutSecs}: Found 0 live models and 0 in-flight non-inference requests`);
	process.exit(0);
}

export function tritonProgram(release: Release): Program<Data> {
	return {
		name: 'tritonserver',
		start(process) {
			const options = parseOptions(process.argv.slice(1));
			if ('fault' in options) {
				process.stderr(`${options.fault}\nUsage: tritonserver [options]\n`);
				process.exit(1);
				return;
			}
			process.data = newData(options, process.now);
			if (options.repositories.length === 0) {
				process.stderr('error: creating server: Invalid argument - --model-repository must be specified\n');
				process.exit(1);
				return;
			}
			process.usage({ cpuMilli: 800, memoryBytes: 600e6 });
			process.timer(START_MS, 'start');
		},
		onTimer(process, token) {
			const [what = '', ...rest] = token.split(':');
			const of = rest.join(':');
			if (what === 'start') firstLook(process);
			else if (what === 'settle' || what === 'settle-failed') settled(process, release, what === 'settle-failed');
			else if (what === 'done') finish(process, of);
			else if (what === 'delay') dispatch(process, of);
			else if (what === 'expire') expire(process, of.slice(0, of.lastIndexOf(':')), Number(of.slice(of.lastIndexOf(':') + 1)));
			else if (what === 'token') nextToken(process, of);
			else if (what === 'loaded') loaded(process, of);
			else if (what === 'report') report(process);
			else if (what === 'drain') drain(process);
			else if (what === 'poll') {
				poll(process);
				process.timer(process.data.options.pollSecs * 1000, 'poll');
			}
		},
		onRequest(process, connection, request) {
			if (request.protocol !== 'http') process.respond(connection.id, { protocol: 'tcp', data: '' });
			else if (connection.port === process.data.options.metricsPort)
				process.respond(
					connection.id,
					request.path.split('?')[0] === '/metrics' ? textAnswer(200, metricsPage(process), 'text/plain; charset=utf-8') : textAnswer(404, '', 'text/plain'),
				);
			else serve(process, connection.id, request, release);
		},
		onHangup(process, connection) {
			forget(process, connection);
		},
		onSignal(process, signal) {
			if (signal !== 'SIGTERM' && signal !== 'SIGINT') return;
			process.stderr(`Signal (${signal === 'SIGTERM' ? 15 : 2}) received.\n`);
			log(process, 'I', 'server.cc:305', 'Waiting for in-flight requests to complete.');
			if (process.data.phase === 'serving') process.unlisten(process.data.options.httpPort);
			process.data = { ...process.data, phase: 'stopping', reportedAt: process.now };
			drain(process);
		},
	};
}

/** `/opt/nvidia/nvidia_entrypoint.sh`: the banner, then what was asked for. */
export function entrypoint(release: Release): Program<never> {
	return {
		name: 'nvidia_entrypoint.sh',
		start(process) {
			process.stdout(banner(release));
			if (process.gpus().length === 0) process.stdout(NO_GPU);
			const command = process.argv.slice(1);
			const replaced = process.exec(command.length === 0 ? ['/bin/bash'] : command);
			if (replaced.ok) return;
			process.stderr(`/opt/nvidia/nvidia_entrypoint.sh: line 67: exec: ${command[0] ?? ''}: not found\n`);
			process.exit(127);
		},
	};
}
