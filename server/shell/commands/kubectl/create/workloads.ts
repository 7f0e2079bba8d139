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
	short: 'Create a deployment with the specified name',
	examples: `  # Create a deployment named my-dep that runs the busybox image
  kubectl create deployment my-dep --image=busybox

  # Create a deployment named my-dep that runs the nginx image with 3 replicas
  kubectl create deployment my-dep --image=nginx --replicas=3`,
	usage: 'deployment NAME --image=image -- [COMMAND] [args...]',
	flags: [
		array('image', 'Image names to run. A deployment can have multiple images set for multiple containers.', { kind: 'list' }),
		int('port', 'The containerPort that this deployment exposes.', -1),
		int('replicas', 'Number of replicas to create. Default is 1.', 1, { short: 'r' }),
	],
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

const JOB_FLAGS: readonly FlagSpec[] = [text('image', 'Image name to run.')];

export const job: Generator = {
	name: 'job',
	short: 'Create a job with the specified name',
	examples: `  # Create a job
  kubectl create job my-job --image=busybox

  # Create a job with a command
  kubectl create job my-job --image=busybox -- date

  # Create a job from a cron job named "a-cronjob"
  kubectl create job test-job --from=cronjob/a-cronjob`,
	usage: 'job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
	flags: [...JOB_FLAGS, text('from', 'The name of the resource to create a Job from (only cronjob is supported).')],
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
	short: 'Create a cron job with the specified name',
	examples: `  # Create a cron job
  kubectl create cronjob my-job --image=busybox --schedule="*/1 * * * *"`,
	usage: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
	flags: [
		...JOB_FLAGS,
		text('restart', "job's restart policy. supported values: OnFailure, Never"),
		text('schedule', 'A schedule in the Cron format the job should be run with.'),
	],
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
