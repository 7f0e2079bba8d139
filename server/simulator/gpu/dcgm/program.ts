/** dcgm-exporter: serves its node's metrics on :9400. */
import type { Program } from '../../images/program.ts';
import { formatTime } from '../../kernel/time.ts';
import { worldOf } from '../../kubelet/process-handle.ts';
import { getRuntime } from '../../kubelet/state.ts';
import { getGpuNode } from '../state.ts';
import { dcgmMetrics } from './metrics.ts';

const PORT = 9400;

export const dcgmExporter: Program<null> = {
	name: 'dcgm-exporter',
	start(process) {
		process.data = null;
		const info = (text: string): void => process.stdout(`time="${formatTime(process.now)}" level=info msg="${text}"\n`);
		info('Starting dcgm-exporter');
		info('DCGM successfully initialized!');
		info('Collecting DCP Metrics');
		info('Kubernetes metrics collection enabled!');
		if (!process.listen(PORT)) {
			process.stderr(`time="${formatTime(process.now)}" level=fatal msg="listen tcp :${PORT}: bind: address already in use"\n`);
			process.exit(1);
			return;
		}
		info(`Listening on [::]:${PORT}`);
		process.usage({ cpuMilli: 8, memoryBytes: 180 << 20 });
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') return;
		const text = (status: number, body: string): void =>
			process.respond(connection.id, { protocol: 'http', status, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body });
		const path = request.path.split('?')[0];
		if (path === '/health') text(200, 'OK');
		else if (path !== '/metrics') text(path === '/' ? 200 : 404, path === '/' ? 'GPU Exporter' : '404 page not found\n');
		else {
			const at = worldOf(process);
			const config = at === undefined ? undefined : getRuntime(at.world, at.container)?.config;
			const node = at === undefined || config === undefined ? undefined : getGpuNode(at.world, config.node);
			text(200, at === undefined || node === undefined ? '' : dcgmMetrics(at.world, node));
		}
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(0);
	},
};
