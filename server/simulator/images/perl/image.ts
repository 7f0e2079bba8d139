/** perl, for the one thing exercises ask of it: Kubernetes' Job page prints pi with `perl -Mbignum=bpi -wle "print bpi(2000)"`. */
import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { debianTools } from '../toolbox.ts';

/** Pi with this many significant digits, by Machin's formula in whole numbers. */
export function pi(digits: number): string {
	const guard = 10n;
	const unit = 10n ** (BigInt(digits - 1) + guard);
	const arctan = (x: bigint): bigint => {
		let power = unit / x;
		let sum = power;
		for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
			power /= x * x;
			sum += (sign * power) / n;
		}
		return sum;
	};
	const text = String((16n * arctan(5n) - 4n * arctan(239n)) / 10n ** guard);
	return digits === 1 ? text : `${text[0]}.${text.slice(1)}`;
}

const MOST_DIGITS = 5000;

const perl: Program<{ readonly output: string }> = {
	name: 'perl',
	start(process) {
		const text = process.argv.slice(1).join(' ');
		if (/^(-v|--version)$/.test(text)) {
			process.stdout('\nThis is perl 5, version 34, subversion 1 (v5.34.1) built for x86_64-linux-gnu\n\n');
			process.exit(0);
			return;
		}
		const digits = /-Mbignum=bpi.*print bpi\((\d+)\)/.exec(text)?.[1];
		const said = /^-\w*l?e (?:print|say)\s*\(?["']([^"']*)["']\)?;?$/.exec(text)?.[1];
		if (digits === undefined && said === undefined) {
			process.stderr(
				'perl: the simulated perl prints pi (-Mbignum=bpi -wle "print bpi(2000)") and plain text (-le \'print "text"\'); other scripts need a real cluster\n',
			);
			process.exit(2);
			return;
		}
		const count = Math.min(Number(digits ?? 1), MOST_DIGITS);
		process.data = { output: said === undefined ? `${pi(count)}\n` : `${said.replaceAll('\\n', '\n')}${text.includes('l') ? '\n' : ''}` };
		// Two thousand digits take perl's bignum some four seconds of one core.
		process.usage({ cpuMilli: 1000, memoryBytes: 12_000_000 });
		process.timer(said === undefined ? 200 + count * 2 : 20, 'done');
	},
	onTimer(process) {
		process.stdout(process.data.output);
		process.exit(0);
	},
};

export const perlImages: readonly Image[] = [
	['5.34', '5.34.0', '5.34.1'],
	['latest', '5.42', '5.42.0', '5'],
	['slim', '5.42-slim', '5.34-slim'],
	['5.26', '5.26.3'],
].map((tags) => ({
	repositories: ['docker.io/library/perl', 'registry.k8s.io/e2e-test-images/perl'],
	tags,
	sizeBytes: 336_000_000,
	entrypoint: [],
	cmd: ['perl', '-de0'],
	env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
	user: '',
	workdir: '/usr/src/app',
	files: {
		...baseFiles({ name: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12', shell: '/bin/bash' }),
		'/usr/src/app': { directory: true, mode: 0o755 },
	},
	programs: { ...debianTools(), '/usr/local/bin/perl': perl as Program<never> },
}));
