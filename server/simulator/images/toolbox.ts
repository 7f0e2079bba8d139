/** Puts shells and utilities together for an image: busybox's applets, or Debian's coreutils with dash and bash. */
import type { Program } from './program.ts';
import { shellProgram } from './shell/program.ts';
import { awk } from './utilities/awk.ts';
import { BLOCKING } from './utilities/blocking.ts';
import { FILES } from './utilities/files.ts';
import { GZIP } from './utilities/gzip.ts';
import { sed } from './utilities/sed.ts';
import { bindNslookup, busyboxNslookup, oldNslookup } from './utilities/nslookup.ts';
import { PLAIN } from './utilities/plain.ts';
import { SYSTEM } from './utilities/system.ts';
import { tar } from './utilities/tar.ts';
import { TERMINAL } from './utilities/terminal.ts';
import { TEXT } from './utilities/text.ts';
import { type Utility, utilityProgram } from './utilities/utility.ts';

const UTILITIES: { readonly [name: string]: Utility } = { ...PLAIN, ...TEXT, ...FILES, ...SYSTEM, ...TERMINAL, ...GZIP, sed, awk, tar };

/** Steps a script runs before it lets the world go on. */
const SLICE = 4_000;

/** What Debian's slim images do not have. */
const NOT_IN_DEBIAN = new Set([
	'ps',
	'top',
	'free',
	'uptime',
	'nslookup',
	'wget',
	'nc',
	'ping',
	'telnet',
	'pkill',
	'pgrep',
	'killall',
	'which',
	'busybox',
	'clear',
	'kill',
	'watch',
	'traceroute',
	'sysctl',
	'ip',
	'hexdump',
]);
const NOT_IN_BUSYBOX = new Set(['getent', 'sha1sum']);

type Programs = { readonly [path: string]: Program<never> };

function assemble(names: (name: string) => boolean, busybox: boolean, shells: Programs): Programs {
	const out: { [path: string]: Program<never> } = { ...shells };
	for (const [name, run] of Object.entries(UTILITIES)) if (names(name)) out[`/bin/${name}`] = utilityProgram(name, run, busybox);
	for (const [name, program] of Object.entries(BLOCKING(busybox))) if (names(name)) out[`/bin/${name}`] = program;
	return out;
}

/** Inside a shell: what reads files that grow, or runs others, is a process of its own. */
function inside(names: (name: string) => boolean, busybox: boolean): { readonly [name: string]: Utility } {
	const blocking = BLOCKING(busybox);
	return Object.fromEntries(Object.entries(UTILITIES).filter(([name]) => names(name) && blocking[name] === undefined));
}

/** One set serves every image of its kind: programs hold no state of their own. */
const sets: { [kind: string]: Programs } = {};

/** nslookup is what differs most between images: busybox' own, the one it had before 1.29, BIND's. */
const NSLOOKUP = { busybox: busyboxNslookup, old: oldNslookup, bind: bindNslookup };

/** busybox with all its applets; `/bin/sh` is ash. */
export function busyboxTools(nslookup: keyof typeof NSLOOKUP = 'busybox'): Programs {
	const made = sets[nslookup] ?? assembleBusybox(NSLOOKUP[nslookup]);
	sets[nslookup] = made;
	return made;
}

function assembleBusybox(nslookup: Utility): Programs {
	const has = (name: string): boolean => !NOT_IN_BUSYBOX.has(name);
	const ash = shellProgram({ flavour: 'ash', path: '/bin/sh', utilities: { ...inside(has, true), nslookup }, slice: SLICE });
	return { ...assemble(has, true, { '/bin/sh': ash, '/bin/ash': ash }), '/bin/nslookup': utilityProgram('nslookup', nslookup, true) };
}

/** What Alpine's musl-utils add to busybox. */
export const alpineExtras = (): Programs => ({ '/usr/bin/getent': utilityProgram('getent', SYSTEM['getent'] ?? (() => 127), true) });

/** Debian's tools: `/bin/sh` is dash, `/bin/bash` is there. */
export function debianTools(): Programs {
	const made = sets['debian'] ?? assembleDebian();
	sets['debian'] = made;
	return made;
}

function assembleDebian(): Programs {
	const has = (name: string): boolean => !NOT_IN_DEBIAN.has(name);
	const utilities = inside(has, false);
	return assemble(has, false, {
		'/bin/sh': shellProgram({ flavour: 'dash', path: '/bin/sh', utilities, slice: SLICE }),
		'/bin/dash': shellProgram({ flavour: 'dash', path: '/bin/dash', utilities, slice: SLICE }),
		'/bin/bash': shellProgram({ flavour: 'bash', path: '/bin/bash', utilities, slice: SLICE }),
	});
}
