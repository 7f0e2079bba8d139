/**
 * Containers of images whose programs are not simulated. What is asked of such a container runs if the image's shell and tools
 * can run it; for all else a stand-in takes its place: it serves on the ports that the pod names, or, where the container is to
 * come to an end, ends well.
 */
import { BUILTINS } from '../images/shell/builtins.ts';
import { parseScript } from '../images/shell/syntax.ts';
import { STAND_IN_PATH } from '../images/stand-in/image.ts';
import type { StandInPart, StandInPort } from '../images/stand-in/program.ts';
import { madeSecret } from '../images/stand-in/secrets.ts';
import type { World } from '../kernel/world.ts';
import { containerFiles } from './container-files.ts';
import type { Host } from './host.ts';
import { type Container, type Pod, resolvePort } from './pod.ts';
import { credentialsOf, lookUp } from './processes.ts';
import type { RuntimeConfig } from './state.ts';

/** How long work takes of which nothing is known. */
const WORK_MS = 1500;
/** What of hooks and probes runs even beside a stand-in. */
const HARMLESS: ReadonlySet<string> = new Set(['sleep', 'echo', 'true', ':', 'exit', 'date']);
/** Commands whose first operands have to be there. */
const COPIES: ReadonlySet<string> = new Set(['cp', 'mv', 'ln', 'install']);
const SHELLS = /^(?:.*\/)?(?:sh|ash|bash|dash)$/;

interface Place {
	readonly world: World;
	readonly host: Host;
	readonly key: string;
	readonly config: RuntimeConfig;
}

/** @returns what the stand-in is to do; undefined where the container's command can run itself. */
export function standInPart(place: Place, pod: Pod, container: Container, init: boolean, argv: readonly string[]): StandInPart | undefined {
	if (place.host.image(place.config.reference)?.standIn !== true || runnable(place, argv)) return undefined;
	const ends = init ? container.restartPolicy !== 'Always' : (pod.spec.restartPolicy ?? 'Always') !== 'Always';
	const secret = madeSecret(place.config.repository, argv, place.config.env);
	const part = ends ? { endsAfterMs: WORK_MS } : { ports: portsOf(container, place.config.env['PORT']) };
	return secret === undefined ? part : { ...part, secret };
}

/** The same for a hook or a probe by a command: beside a stand-in, what asks after the program's work is told that all is well. */
export function standInHandler(config: RuntimeConfig, argv: readonly string[]): StandInPart | undefined {
	if (config.standIn !== true) return undefined;
	const names = scriptOf(argv) === undefined ? [argv[0] ?? ''] : commandsOf(scriptOf(argv) ?? '')?.map((c) => c[0] ?? '');
	return names?.every((name) => HARMLESS.has(name)) === true ? undefined : { endsAfterMs: 0 };
}

export const standInProgramOf = (config: RuntimeConfig): { readonly repository: string; readonly path: string } => ({
	repository: config.repository,
	path: STAND_IN_PATH,
});

function portsOf(container: Container, variable: string | undefined): readonly StandInPort[] {
	const out = new Map<number, boolean>();
	const add = (port: number | undefined, tls: boolean): void => {
		if (port !== undefined && port > 0 && port < 65_536) out.set(port, tls || out.get(port) === true);
	};
	for (const { containerPort, protocol, name } of container.ports ?? []) {
		if (protocol !== undefined && protocol !== 'TCP') continue;
		add(containerPort, /https|webhook|tls/.test(name ?? '') || [443, 6443, 8443, 9443].includes(containerPort));
	}
	for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
		if (probe?.httpGet !== undefined) {
			const port = resolvePort(container, probe.httpGet.port);
			// What a probe says of a port counts more than its name does.
			if (port !== undefined) out.set(port, probe.httpGet.scheme === 'HTTPS');
		} else if (probe?.tcpSocket !== undefined) add(resolvePort(container, probe.tcpSocket.port), false);
		else if (probe?.grpc !== undefined) out.set(probe.grpc.port, false);
	}
	if (out.size === 0 && variable !== undefined) add(Number(variable) || undefined, false);
	return [...out].map(([port, tls]) => ({ port, tls }));
}

/** The script of `sh -c …`. */
function scriptOf(argv: readonly string[]): string | undefined {
	if (!SHELLS.test(argv[0] ?? '')) return undefined;
	const at = argv.findIndex((a, i) => i > 0 && /^-[a-z]*c$/.test(a));
	return at === -1 ? undefined : argv[at + 1];
}

/** A script's simple commands, each with its leading literal words; undefined where it can't be read, or names a command by an expansion. */
function commandsOf(script: string): readonly (readonly string[])[] | undefined {
	const parsed = parseScript(script);
	if ('fault' in parsed) return undefined;
	const out: (readonly string[])[] = [];
	const functions = new Set<string>();
	for (const node of parsed.nodes as readonly { readonly type?: string; readonly name?: unknown; readonly args?: readonly unknown[] }[]) {
		if (node.type === 'FunctionDef' && typeof node.name === 'string') functions.add(node.name);
		if (node.type !== 'SimpleCommand' || node.name === null || node.name === undefined) continue;
		const words = [node.name, ...(node.args ?? [])].map(literal);
		const wrapped = words[0] === 'exec' || words[0] === 'command' ? words.slice(1) : words;
		if (wrapped.length > 0 && wrapped[0] === undefined) return undefined;
		out.push(wrapped.map((w) => w ?? ''));
	}
	return out.filter((words) => words.length > 0 && !functions.has(words[0] ?? ''));
}

function literal(word: unknown): string | undefined {
	const { parts } = word as { readonly parts?: readonly { readonly type: string; readonly value?: string; readonly parts?: readonly unknown[] }[] };
	const texts = (parts ?? []).map((part) => (part.parts === undefined ? (/Literal|Quoted|Escaped/.test(part.type) ? part.value : undefined) : literal(part)));
	return texts.some((t) => t === undefined) ? undefined : texts.join('');
}

function runnable(place: Place, argv: readonly string[]): boolean {
	const { world, host, key, config } = place;
	const found = lookUp(world, host, key, config, argv);
	if (!found.ok || found.program.path === host.image(config.reference)?.entrypoint[0]) return false;
	const script = scriptOf(argv) ?? fileScript(place, found.argv);
	if (script === undefined) return operandsThere(place, argv);
	const commands = commandsOf(script);
	if (commands === undefined) return false;
	return commands.every((words) => {
		if (Object.hasOwn(BUILTINS, words[0] ?? '')) return true;
		return lookUp(world, host, key, config, words).ok && operandsThere(place, words);
	});
}

/** A script that is a file: what `#!` or a shell's operand names. */
function fileScript(place: Place, argv: readonly string[]): string | undefined {
	const path = SHELLS.test(argv[0] ?? '') ? argv.slice(1).find((a) => !a.startsWith('-')) : undefined;
	if (path === undefined) return undefined;
	const read = filesOf(place).read(path);
	return read.ok ? read.value : undefined;
}

function operandsThere(place: Place, words: readonly string[]): boolean {
	const name = words[0]?.split('/').pop() ?? '';
	if (!COPIES.has(name)) return true;
	const operands = words.slice(1).filter((w) => !w.startsWith('-') && w !== '');
	const files = filesOf(place);
	return operands.slice(0, -1).every((path) => !path.startsWith('/') || files.stat(path).ok);
}

const filesOf = ({ world, host, key, config }: Place): ReturnType<typeof containerFiles> =>
	containerFiles(world, host, key, config, credentialsOf(config), { stdout: () => undefined, stderr: () => undefined });
