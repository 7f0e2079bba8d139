/** A lab session that only pretends: echoes a terminal, keeps files in a map, and moves through the stages of a lab. */
import { clientMessageSchema, type ClientMessage, type ServerMessage, serverMessageSchema, type TaskState } from '../../../server/protocol/messages.ts';
import type { Applied, FileChange, FileDone } from '../../../server/protocol/workspace.ts';
import { clusterView, type Stage } from './cluster.ts';
import { lab, verdict } from './data.ts';

const PROMPT = '\x1b[36mlearner@workstation\x1b[0m:\x1b[34m~\x1b[0m$ ';
const HOME = '/home/learner';

interface MockFile {
	content: string;
	mtime: number;
}

interface MockTerminal {
	line: string;
	scrollback: string;
}

export class MockSession {
	/** Client messages that broke the protocol; tests want none. */
	readonly violations: string[] = [];
	readonly received: ClientMessage[] = [];
	stage: Stage = 'empty';
	private tick = 0;
	private attempt = 0;
	private readonly terminals = new Map<string, MockTerminal>();
	private readonly files = new Map<string, MockFile>();
	private readonly done = new Map<string, string>();
	private readonly hints = new Map<string, number>();
	private removed = { path: '', content: '' };
	/** What was asked to be applied. */
	readonly applied: { readonly path: string; readonly dryRun: boolean }[] = [];
	private readonly sinks = new Set<(message: ServerMessage) => void>();

	constructor() {
		this.layOut();
	}

	/** The files as a lab begins with them. */
	private layOut(): void {
		this.files.clear();
		this.write('README.md', '# Your workstation\n\nWhat you save here is what `kubectl` reads in the terminal.\n');
		this.write('web/deployment.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: notes\nspec:\n  replicas: 2\n');
	}

	join(sink: (message: ServerMessage) => void): () => void {
		this.sinks.add(sink);
		sink(this.greeting());
		sink(this.cluster());
		return () => this.sinks.delete(sink);
	}

	private greeting(): ServerMessage {
		return serverMessageSchema.parse({
			type: 'session',
			lab: lab.id,
			resumed: this.terminals.size > 0,
			readyMs: 31,
			provider: 'simulator',
			capabilities: { fork: true, rewind: true },
			tasks: this.tasks(),
			tabs: this.sinks.size,
			...(this.attempt > 0 ? { verdict: verdict(this.attempt) } : {}),
		} satisfies ServerMessage);
	}

	advance(): void {
		this.tick += 1;
		this.send(this.cluster());
	}

	/** Sends to every tab; a message that breaks the protocol throws here, in the test, not in the page. */
	send(message: ServerMessage): void {
		const valid = serverMessageSchema.parse(message);
		for (const sink of this.sinks) sink(valid);
	}

	setStage(stage: Stage): void {
		this.stage = stage;
		if (stage === 'running') this.done.set('front-door', new Date(0).toISOString());
		this.send(this.cluster());
		this.send({ type: 'tasks', tasks: this.tasks() });
	}

	/** Somebody else (a command in the terminal) writes a file. */
	touch(path: string, content: string): void {
		const file = this.write(path, content);
		this.send({ type: 'file.changed', path: `${HOME}/${path}`, mtime: file.mtime, removed: false });
	}

	receive(text: string): void {
		const parsed = clientMessageSchema.safeParse(JSON.parse(text));
		if (!parsed.success) {
			this.violations.push(text);
			return;
		}
		this.received.push(parsed.data);
		this.handle(parsed.data);
	}

	private handle(message: ClientMessage): void {
		switch (message.type) {
			case 'terminal.open': {
				const terminal = this.terminals.get(message.terminal) ?? { line: '', scrollback: `Three tiers: your cluster is ready.\r\n${PROMPT}` };
				this.terminals.set(message.terminal, terminal);
				this.send({ type: 'terminal.opened', terminal: message.terminal, scrollback: terminal.scrollback, columns: message.columns, rows: message.rows });
				return;
			}
			case 'terminal.input':
				this.type(message.terminal, message.data);
				return;
			case 'files.list': {
				const files = [...this.files].map(([path, file]) => ({ path, kind: 'file' as const, size: file.content.length, mtime: file.mtime }));
				this.send({ type: 'files', request: message.request, files: [{ path: `${HOME}/web`, kind: 'directory', size: 0, mtime: 1 }, ...files] });
				return;
			}
			case 'files.read':
				this.read(message.request, message.path);
				return;
			case 'files.write': {
				const before = this.files.get(message.path);
				if (before && message.base !== undefined && before.mtime !== message.base) {
					const words = `${message.path} has changed since you opened it.`;
					this.send({ type: 'error', request: message.request, code: 'file-changed', message: words, next: 'Load the newer text, or save yours over it.' });
					return;
				}
				const file = this.write(message.path.replace(`${HOME}/`, ''), message.content);
				this.send({ type: 'done', request: message.request, mtime: file.mtime });
				this.send({ type: 'file.changed', path: message.path, mtime: file.mtime, removed: false });
				return;
			}
			case 'lab.check':
				this.check(message.request);
				return;
			case 'lab.submit':
				this.send({
					type: 'submitted',
					request: message.request,
					evidence: 'ev-2',
					score: 77,
					passed: true,
					moved: [{ row: 'security-compliance', from: 'started', to: 'mid' }],
				});
				return;
			case 'lab.hint': {
				const task = lab.tasks.find((candidate) => candidate.id === message.task);
				const opened = this.hints.get(message.task) ?? 0;
				const text = task?.hints[opened];
				if (!task || text === undefined) {
					this.send({
						type: 'error',
						request: message.request,
						code: 'no-more-hints',
						message: 'There is no further hint for this task.',
						next: 'Check your work to see what is missing.',
					});
					return;
				}
				this.hints.set(message.task, opened + 1);
				this.send({ type: 'hint', request: message.request, task: message.task, text, left: task.hints.length - opened - 1 });
				this.send({ type: 'tasks', tasks: this.tasks() });
				return;
			}
			case 'lab.reset':
			case 'lab.undo-reset':
				this.layOut();
				this.send(this.greeting());
				this.send({ type: 'done', request: message.request });
				this.setStage(message.type === 'lab.reset' ? 'empty' : 'running');
				return;
			case 'ping':
				this.send({ type: 'pong', at: message.at });
				return;
			default:
				return;
		}
	}

	/** Removals can be taken back, moves are of one file: enough for the page. */
	change(change: FileChange): FileDone {
		const tell = (path: string, removed: boolean): void => this.send({ type: 'file.changed', path, mtime: this.files.get(path)?.mtime ?? 0, removed });
		if (change.op === 'remove' || change.op === 'move') {
			const file = this.files.get(change.path);
			this.files.delete(change.path);
			tell(change.path, true);
			this.removed = { path: change.path, content: file?.content ?? '' };
			if (change.op === 'remove') return { removal: 'r1' };
			this.write(change.to, this.removed.content);
			tell(change.to, false);
		} else if (change.op === 'restore') {
			this.write(this.removed.path, this.removed.content);
			tell(this.removed.path, false);
		}
		return {};
	}

	apply({ path, dryRun }: { readonly path: string; readonly dryRun: boolean }): Applied {
		this.applied.push({ path, dryRun });
		if (!dryRun) this.setStage('starting');
		const diffs = dryRun ? [{ name: 'Deployment web in notes', text: '@@ -1,2 +1,2 @@\n spec:\n-  replicas: 1\n+  replicas: 2\n' }] : [];
		return { objects: [{ name: 'deployment.apps/web', verb: 'configured' }], diffs, warnings: ['spec.foo: unknown'], errors: [] };
	}

	private check(request: string): void {
		const total = lab.checks.length;
		lab.checks.forEach((check, index) => {
			setTimeout(() => this.send({ type: 'checking', request, done: index, total, title: check.title }), index * 120);
		});
		this.attempt += 1;
		setTimeout(() => this.send({ type: 'verdict', request, verdict: verdict(this.attempt) }), total * 120 + 100);
	}

	private read(request: string, path: string): void {
		const file = this.files.get(path);
		if (file) this.send({ type: 'file', request, path, content: file.content, mtime: file.mtime });
		else this.send({ type: 'error', request, code: 'no-such-file', message: `There is no file ${path}.`, next: 'List the files again.' });
	}

	private write(path: string, content: string): MockFile {
		const full = path.startsWith('/') ? path : `${HOME}/${path}`;
		const file = { content, mtime: (this.files.get(full)?.mtime ?? 1000) + 1 };
		this.files.set(full, file);
		return file;
	}

	private tasks(): TaskState[] {
		return lab.tasks.map((task) => {
			const doneAt = this.done.get(task.id);
			const opened = this.hints.get(task.id) ?? 0;
			return {
				id: task.id,
				done: doneAt !== undefined,
				hintsOpened: task.hints.slice(0, opened),
				hintsLeft: task.hints.length - opened,
				...(doneAt ? { doneAt } : {}),
			};
		});
	}

	private cluster(): ServerMessage {
		return { type: 'cluster', view: clusterView(this.stage, this.tick) };
	}

	private type(id: string, data: string): void {
		const terminal = this.terminals.get(id);
		if (!terminal) return;
		let out = '';
		for (const character of data.replaceAll(/\x1b\[20[01]~/g, '')) {
			if (character === '\r') {
				out += `\r\n${this.run(terminal.line.trim())}${PROMPT}`;
				terminal.line = '';
			} else if (character === '\x7f') {
				if (terminal.line !== '') out += '\b \b';
				terminal.line = terminal.line.slice(0, -1);
			} else if (character >= ' ') {
				terminal.line += character;
				out += character;
			}
		}
		terminal.scrollback += out;
		this.send({ type: 'terminal.output', terminal: id, data: out });
	}

	private run(line: string): string {
		if (line === '') return '';
		if (line.startsWith('kubectl apply')) {
			this.setStage('starting');
			setTimeout(() => this.setStage('running'), 2500);
			return 'deployment.apps/web created\r\nservice/web created\r\n';
		}
		if (line.startsWith('kubectl edit')) {
			this.send({ type: 'edit', edit: 'edit-1', path: `${HOME}/web/deployment.yaml` });
			return '';
		}
		if (line === 'kubectl get pods') return this.pods();
		if (line === 'touch') {
			this.touch('web/deployment.yaml', 'kind: Deployment # by a command\n');
			return '';
		}
		if (line === 'flood') return 'y\r\n'.repeat(20_000);
		return `bash: ${line.split(' ')[0]}: command not found\r\n`;
	}

	private pods(): string {
		const rows = clusterView(this.stage, this.tick).pods.filter((pod) => pod.namespace === 'notes');
		if (rows.length === 0) return 'No resources found in notes namespace.\r\n';
		const lines = rows.map((pod) => `${pod.name.padEnd(22)} ${pod.ready.padEnd(7)} ${pod.status.padEnd(18)} ${pod.restarts}`);
		return `NAME                   READY   STATUS             RESTARTS\r\n${lines.join('\r\n')}\r\n`;
	}
}
