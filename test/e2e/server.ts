/** Starts the real server as the README does, kills it, starts it again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface RunningServer {
	readonly link: string;
	readonly origin: string;
	/** kill -9: no time to say goodbye. */
	kill(): Promise<void>;
	stop(): Promise<void>;
}

/** `team`: the environment that asks for team mode; the link is then the public address. */
export function startServer(data: string, port: number, team?: Readonly<Record<string, string>>): Promise<RunningServer> {
	const child: ChildProcess = spawn(process.execPath, ['--no-warnings', 'server/main.ts', '--port', String(port), '--data', data], {
		cwd: root,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', ...team },
	});
	let output = '';
	const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()));
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`the server printed no link:\n${output}`)), 120_000);
		const take = (d: Buffer): void => {
			output += String(d);
			const link = (team === undefined ? /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/ : /http:\/\/127\.0\.0\.1:\d+\/(?=\s)/).exec(output)?.[0];
			if (link === undefined) return;
			clearTimeout(timer);
			resolve({
				link,
				origin: new URL(link).origin,
				kill: async () => {
					child.kill('SIGKILL');
					await gone;
				},
				stop: async () => {
					child.kill('SIGTERM');
					await gone;
				},
			});
		};
		child.stdout?.on('data', take);
		child.stderr?.on('data', take);
		child.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
	});
}
