/** `create deployment`, `create job`, `create cronjob`. */
import type { Obj } from '../client.ts';
import { CliError } from '../errors.ts';
import { array, type FlagSpec, int, text } from '../flags.ts';
import { infos } from '../select.ts';
import { commandWords, type Generator, oneName } from './generator.ts';

const invalid = /[^a-zA-Z0-9-]/g;

/** A container's name out of its image: last part, without tag or digest; 5 random letters where several are alike. */
export function containerName(image: string): string {
	const last = image.split('/').at(-1) ?? image;
	return (last.split('@')[0] ?? last).split(':')[0]?.replace(invalid, '-') ?? last;
}

/** Containers of several images; equal names get a number, so that the same command gives the same text. */
function containers(images: readonly string[], command: readonly string[], ports: Obj): Obj[] {
	const seen = new Map<string, number>();
	return images.map((image) => {
		const base = containerName(image);
		const n = seen.get(base) ?? 0;
		seen.set(base, n + 1);
		return { name: n === 0 ? base : `${base}-${n + 1}`, image, ...(command.length > 0 ? { command: [...command] } : {}), ...ports, resources: {} };
	});
}

export const deployment: Generator = {
	name: 'deployment',
	aliases: ['deploy'],
	flags: [array('image', { kind: 'list' }), int('port', -1), int('replicas', 1, { short: 'r' })],
	required: ['image'],
	namespaced: true,
	failure: 'failed to create deployment:',
	build(kube, args, flags) {
		const name = oneName(kube, args);
		const command = commandWords(kube, args);
		const images = flags.list('image');
		if (images.length > 1 && command.length > 0) throw new CliError('cannot specify multiple --image options and command');
		const labels = { app: name };
		const port = flags.int('port');
		// Upstream gives the port to every container, the command to the only one.
		const ports = port >= 0 && flags.changed('port') ? { ports: [{ containerPort: port }] } : {};
		return {
			kind: 'Deployment',
			apiVersion: 'apps/v1',
			metadata: { name, labels },
			spec: {
				replicas: flags.int('replicas'),
				selector: { matchLabels: labels },
				template: { metadata: { labels }, spec: { containers: containers(images, command, ports) } },
				strategy: {},
			},
			status: {},
		};
	},
};

const JOB_FLAGS: readonly FlagSpec[] = [text('image')];

export const job: Generator = {
	name: 'job',
	flags: [...JOB_FLAGS, text('from')],
	namespaced: true,
	failure: 'failed to create job:',
	async build(kube, args, flags) {
		const name = oneName(kube, args);
		const command = commandWords(kube, args);
		const [image, from] = [flags.str('image'), flags.str('from')];
		if ((image === '') === (from === '')) throw new CliError('either --image or --from must be specified');
		if (from !== '' && command.length > 0) throw new CliError('cannot specify --from and command');
		if (from === '') {
			const container = { name, image, ...(command.length > 0 ? { command: [...command] } : {}), resources: {} };
			return {
				kind: 'Job',
				apiVersion: 'batch/v1',
				metadata: { name },
				spec: { template: { metadata: {}, spec: { containers: [container], restartPolicy: 'Never' } } },
				status: {},
			};
		}
		const errors: Error[] = [];
		const [found] = await infos(kube, [from], flags, {}, errors);
		if (errors[0] !== undefined) throw errors[0];
		if (found?.mapping.kind !== 'CronJob') throw new CliError('from must be an existing cronjob');
		const cron = found.object ?? {};
		const template = cron.spec.jobTemplate as Obj;
		return {
			kind: 'Job',
			apiVersion: 'batch/v1',
			metadata: {
				name,
				...(template.metadata?.labels ? { labels: template.metadata.labels } : {}),
				annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...template.metadata?.annotations },
				ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: found.name, uid: cron.metadata?.uid ?? '', controller: true }],
			},
			spec: template.spec,
			status: {},
		};
	},
};

export const cronJob: Generator = {
	name: 'cronjob',
	aliases: ['cj'],
	flags: [...JOB_FLAGS, text('restart'), text('schedule')],
	required: ['image', 'schedule'],
	namespaced: true,
	failure: 'failed to create cronjob:',
	build(kube, args, flags) {
		const name = oneName(kube, args);
		const command = commandWords(kube, args);
		const container = { name, image: flags.str('image'), ...(command.length > 0 ? { command: [...command] } : {}), resources: {} };
		const template = { metadata: {}, spec: { containers: [container], restartPolicy: flags.str('restart') || 'OnFailure' } };
		return {
			kind: 'CronJob',
			apiVersion: 'batch/v1',
			metadata: { name },
			spec: { schedule: flags.str('schedule'), jobTemplate: { metadata: { name }, spec: { template } } },
			status: {},
		};
	},
};
