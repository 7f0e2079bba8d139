/** vLLM's API server as a program: the start as a timetable, then requests, then the end. */
import { engineConfig } from '../../serving/engine.ts';
import type { VisibleGpu } from '../../gpu/contract.ts';
import type { Program } from '../program.ts';
import { type Given, parseFlags, textOf } from './flags.ts';
import { hangUp, report, sync } from './flow.ts';
import { errorBody } from './errors.ts';
import { json } from './http.ts';
import { cacheHome, isCached, keepSnapshot } from './hub.ts';
import { line, plain } from './log.ts';
import { NO_METRICS } from './metrics.ts';
import { serve } from './serve.ts';
import { setUp, type Setup } from './setup.ts';
import type { Stage } from './stage.ts';
import { engineStart, opening } from './start.ts';
import { configFault } from './start-faults.ts';
import { type Data, newServing, type Vllm } from './state.ts';
import type { Release } from './versions.ts';

/** Where torch.compile's results lie: VLLM_CACHE_ROOT, ~/.cache/vllm. */
const compileCache = (env: Vllm['env'], setup: Setup): string =>
	`${env['VLLM_CACHE_ROOT'] ?? `${env['HOME'] ?? '/root'}/.cache/vllm`}/torch_compile_cache/${setup.repository.revision.slice(0, 10)}`;

/** What the arguments are: `serve …`, or those of the module. */
export function serverArguments(argv: readonly string[]): { readonly args: readonly string[]; readonly program: string } | undefined {
	const at = argv.indexOf('vllm.entrypoints.openai.api_server');
	if (at >= 0) return { args: argv.slice(at + 1), program: 'api_server.py' };
	const serveAt = argv.indexOf('serve');
	if (serveAt >= 0) return { args: argv.slice(serveAt + 1), program: 'vllm serve' };
	return undefined;
}

/** The stages of a start, worked out when the configuration is read. */
function decide(process: Vllm, given: Given, release: Release, gpus: readonly VisibleGpu[]): { readonly stages: readonly Stage[]; readonly setup?: Setup } {
	const home = cacheHome(process.env, textOf(given, 'download-dir'));
	const found = process.resolve('huggingface.co');
	const settled = setUp(given, release, {
		env: process.env,
		gpus,
		cached: (r) => isCached(process.fs, home, r),
		isModelFolder: (path) => process.fs.stat(`${path}/config.json`).ok,
		hubReachable: !('error' in found) || found.error !== 'EAI_AGAIN',
	});
	if ('fault' in settled) return { stages: configFault(settled.fault, release.number) };
	const { setup, warnings, engineFault } = settled;
	const local = setup.root.startsWith('/') || setup.root.startsWith('./');
	const stages = engineStart(setup, {
		cached: local || isCached(process.fs, home, setup.repository),
		compiled: process.fs.stat(compileCache(process.env, setup)).ok,
		gpus,
		warnings,
		...(engineFault === undefined ? {} : { engineFault }),
	});
	return { stages, setup };
}

/** One stage: what it writes, holds and leaves; then the next is waited for. */
function play(process: Vllm, stage: Stage, given: Given): void {
	const { version } = process.data;
	for (const l of stage.lines) {
		const text = l.level === undefined ? plain(version, l.who, l.text) : line(version, process.now, l.who, l.level, l.place ?? '', l.text);
		if (l.level === undefined && !l.text.startsWith('INFO')) process.stderr(text);
		else process.stdout(text);
	}
	const gpuBytes = stage.gpuBytes ?? process.data.gpuBytes;
	process.data = { ...process.data, gpuBytes };
	const setup = process.data.setup;
	const devices = setup === undefined ? [] : process.gpus().slice(0, setup.deployment.tp);
	process.usage({
		...(stage.cpuMilli === undefined ? {} : { cpuMilli: stage.cpuMilli }),
		...(stage.memoryBytes === undefined ? {} : { memoryBytes: stage.memoryBytes }),
		gpus: devices.map((g) => ({ device: g.uuid, util: stage.gpuUtil ?? 0.1, memoryBytes: gpuBytes })),
	});
	if (setup === undefined) return;
	if (stage.downloaded === true) {
		const failed = keepSnapshot(process.fs, cacheHome(process.env, textOf(given, 'download-dir')), setup.repository);
		if (failed !== undefined)
			process.stderr(
				plain(
					version,
					'engine',
					`OSError: [Errno ${failed === 'ENOSPC' ? '28] No space left on device' : '13] Permission denied'}: '${cacheHome(process.env, undefined)}'`,
				),
			);
		if (failed !== undefined) process.exit(1);
	}
	if (stage.compiled === true) process.fs.mkdir(compileCache(process.env, setup), { parents: true });
	if (stage.serving === true) startServing(process, setup);
}

function startServing(process: Vllm, setup: Setup): void {
	if (!process.listen(setup.port, { localOnly: setup.host === '127.0.0.1' || setup.host === 'localhost' })) {
		process.stderr(plain(setup.version, 'api', `OSError: [Errno 98] Address already in use`));
		process.exit(1);
		return;
	}
	process.data = { ...process.data, phase: 'serving', serving: newServing(setup, engineConfig(setup.deployment), process.data.gpuBytes, process.now) };
}

export function vllmProgram(release: Release): Program<Data> {
	const given = (process: Vllm): Given => {
		const called = serverArguments(process.argv);
		const parsed = parseFlags(called?.args ?? [], called?.program ?? 'vllm serve');
		return 'refused' in parsed ? {} : (parsed as Given);
	};
	return {
		name: 'vllm',
		start(process) {
			const called = serverArguments(process.argv);
			if (called === undefined) {
				process.stderr('usage: vllm [-h] [-v] {chat,complete,serve,bench,collect-env,run-batch} ...\n');
				process.exit(process.argv.includes('-v') || process.argv.includes('--version') ? 0 : 1);
				return;
			}
			const parsed = parseFlags(called.args, called.program);
			if ('refused' in parsed) {
				process.stderr(String(parsed.refused));
				process.exit(2);
				return;
			}
			const stages = opening(parsed as Given, release.text, release.number, process.gpus()[0]);
			process.data = { phase: 'starting', version: release.number, startedAt: process.now, stages, gpuBytes: 0, metrics: NO_METRICS };
			process.timer(stages[0]?.afterMs ?? 0, 'stage');
		},
		onTimer(process, token) {
			if (token === 'engine') sync(process);
			else if (token === 'report') report(process);
			else if (token === 'exit-dead') process.exit(1);
			else if (token === 'drained') drain(process);
			else if (token === 'stage') nextStage(process, given(process), release);
		},
		onRequest(process, connection, request) {
			if (request.protocol !== 'http') process.respond(connection.id, { protocol: 'tcp', data: '' });
			else serve(process, connection.id, connection.remoteAddress, request);
		},
		onHangup(process, connection) {
			sync(process);
			hangUp(process, connection);
		},
		onSignal(process, signal) {
			if (signal !== 'SIGTERM' && signal !== 'SIGINT') return;
			if (process.data.phase === 'starting') {
				process.stderr(plain(release.number, 'api', 'KeyboardInterrupt: terminated'));
				process.exit(1);
			} else if (process.data.phase !== 'draining') {
				process.stdout(line(release.number, process.now, 'api', 'INFO', 'launcher.py:99', 'Shutting down FastAPI HTTP server.'));
				process.stdout(plain(release.number, 'api', 'INFO:     Shutting down'));
				if (process.data.serving !== undefined) process.unlisten(process.data.serving.setup.port);
				process.data = { ...process.data, phase: 'draining' };
				drain(process);
			}
		},
		onGpuFault(process, fault) {
			const { serving } = process.data;
			const text = `EngineCore encountered a fatal error.\nTraceback (most recent call last):\n  File "/usr/local/lib/python3.12/dist-packages/vllm/v1/engine/core.py", line 717, in run_engine_core\n    engine_core.run_busy_loop()\ntorch.AcceleratorError: ${fault.error}`;
			process.stdout(line(release.number, process.now, 'engine', 'ERROR', 'core.py:719', text));
			if (serving === undefined) {
				process.exit(1);
				return;
			}
			const error = errorBody(
				{ status: 500, type: 'InternalServerError', message: 'EngineCore encountered an issue. See stack trace (above) for the root cause.' },
				release.number,
			);
			for (const live of Object.values(serving.live)) {
				if (live.ask.stream) process.send(live.connection, `data: ${error}\n\ndata: [DONE]\n\n`, true);
				else process.respond(live.connection, json(500, error));
			}
			process.data = { ...process.data, phase: 'dead', serving: { ...serving, live: {} } };
			process.clearTimer('engine');
		},
	};
}

function nextStage(process: Vllm, given: Given, release: Release): void {
	let [stage, ...stages] = process.data.stages;
	if (stage === undefined && process.data.setup === undefined) {
		const decided = decide(process, given, release, process.gpus());
		process.data = { ...process.data, ...(decided.setup === undefined ? {} : { setup: decided.setup }) };
		[stage, ...stages] = decided.stages;
		process.data = { ...process.data, stages: stage === undefined ? [] : [stage, ...stages] };
		if (stage !== undefined) process.timer(stage.afterMs, 'stage');
		return;
	}
	if (stage === undefined) return;
	process.data = { ...process.data, stages };
	play(process, stage, given);
	if (stage.exit !== undefined) {
		process.exit(stage.exit);
		return;
	}
	const next = stages[0];
	if (next !== undefined) process.timer(next.afterMs, 'stage');
	else if (process.data.setup === undefined) process.timer(1, 'stage');
}

/** uvicorn's graceful end: what is under way is answered, then the process goes. */
function drain(process: Vllm): void {
	sync(process);
	const { serving, version } = process.data;
	if (serving !== undefined && Object.keys(serving.live).length > 0) {
		process.timer(100, 'drained');
		return;
	}
	process.stdout(
		plain(version, 'api', 'INFO:     Waiting for application shutdown.\nINFO:     Application shutdown complete.\nINFO:     Finished server process [1]'),
	);
	process.exit(0);
}
