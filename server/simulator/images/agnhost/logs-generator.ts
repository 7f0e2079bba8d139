/** `agnhost logs-generator`: so many lines in so long. Models test/images/agnhost/logs-generator. */
import type { Process, Program } from '../program.ts';
import { flag, goDuration } from './flags.ts';
import { klog } from './log.ts';

interface Data {
	readonly next: number;
	readonly total: number;
	readonly delayMs: number;
}

const METHODS = ['GET', 'POST', 'PUT'];
const NAMESPACES = ['kube-system', 'default', 'ns'];
/** What apimachinery's rand.String draws from. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

const withLog = (process: Process<Data>, text: string, level: 'I' | 'F' = 'I', line = '79'): void =>
	klog(process as unknown as Process<never>, text, level, `logs_generator.go:${line}`);

function line(process: Process<Data>, id: number): string {
	const draw = (n: number): number => Math.floor(process.random() * n);
	const name = Array.from({ length: 3 + draw(2) }, () => LETTERS.charAt(draw(LETTERS.length))).join('');
	return `${id} ${METHODS[draw(3)]} /api/v1/namespaces/${NAMESPACES[draw(3)]}/pods/${name} ${200 + draw(400)}`;
}

function step(process: Process<Data>): void {
	const { next, total, delayMs } = process.data;
	if (next >= total) {
		process.exit(0);
		return;
	}
	withLog(process, line(process, next));
	process.data = { ...process.data, next: next + 1 };
	process.timer(delayMs, 'next');
}

export const logsGenerator: Program<Data> = {
	name: 'logs-generator',
	start(process) {
		const total = Number(flag(process.argv, 'log-lines-total', '0', 't'));
		const duration = goDuration(flag(process.argv, 'run-duration', '0', 'd')) ?? 0;
		process.data = { next: 0, total, delayMs: duration / Math.max(total, 1) };
		const wrong = !(total > 0) ? `Invalid total number of lines: ${total}` : duration <= 0 ? `Invalid duration: 0s` : undefined;
		if (wrong === undefined) return step(process);
		withLog(process, wrong, 'F', total > 0 ? '68' : '64');
		process.exit(255);
	},
	onTimer: step,
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(2);
	},
};
