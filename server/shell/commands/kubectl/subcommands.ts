/** kubectl's subcommands, in the order of its help. */
import { apiResources, apiVersions, clusterInfo, options, version } from './api.ts';
import { auth } from './auth.ts';
import { config } from './config.ts';
import { cp } from './cp.ts';
import { debug } from './debug.ts';
import { diff } from './diff.ts';
import { edit } from './edit.ts';
import { events } from './events.ts';
import { explain } from './explain.ts';
import { kustomize } from './kustomize.ts';
import { portForward } from './portforward.ts';
import { top } from './top.ts';
import { apply } from './apply.ts';
import { attach } from './attach.ts';
import { create } from './create.ts';
import { del } from './delete.ts';
import { describe } from './describe.ts';
import { exec } from './exec.ts';
import { expose } from './expose.ts';
import { get } from './get.ts';
import { logs } from './logs.ts';
import { annotate, label } from './metadata-edit.ts';
import { completion } from './completion.ts';
import { pluginCommand } from './plugin.ts';
import { proxy } from './proxy.ts';
import { certificate } from './certificate.ts';
import { alpha } from './alpha.ts';
import { cordon, drain, taint, uncordon } from './nodes.ts';
import { patch } from './patch.ts';
import { replace } from './replace.ts';
import { rollout } from './rollout.ts';
import { run } from './run.ts';
import type { Subcommand } from './subcommand.ts';
import { autoscale, scale } from './scale.ts';
import { set } from './set.ts';
import { wait } from './wait.ts';

/** The path of the command that these words name in full. */
function pathOf(words: readonly string[]): string | undefined {
	let all: readonly Subcommand[] = subcommands;
	let path = 'kubectl';
	for (const word of words) {
		const found: Subcommand | undefined = all.find((c) => c.name === word || (c.aliases ?? []).includes(word));
		if (found === undefined) return undefined;
		path += ` ${found.name}`;
		all = found.children ?? [];
	}
	return path;
}

const plugin = pluginCommand(pathOf);

/** In the order of registration, in which suggestions come. */
export const subcommands: readonly Subcommand[] = [
	...[create, expose, run, set],
	...[explain, get, edit, del],
	...[rollout, scale, autoscale],
	...[certificate, clusterInfo, top, cordon, uncordon, drain, taint],
	...[describe, logs, attach, exec, portForward, proxy, cp, auth, debug, events],
	...[diff, apply, patch, replace, wait, kustomize],
	...[label, annotate, completion],
	...[alpha, apiResources, apiVersions, config, plugin, version],
];

/** Run like the others, listed nowhere. */
export const hidden: readonly Subcommand[] = [options];
