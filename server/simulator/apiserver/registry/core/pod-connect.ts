/** Subresources of pods that lead to the kubelet: log, exec, attach, port-forward. `pkg/registry/core/pod/rest`. */
import type { World } from '../../../kernel/world.ts';
import type { ExecRequest, Services } from '../../../services.ts';
import { badRequest, notFound } from '../../errors.ts';
import type { ApiCall, ApiResult, FieldError, KubeObject } from '../../types.ts';
import { invalidObject, invalidValue } from '../../validation.ts';
import { specOf, str } from '../fields.ts';
import { chooseContainer } from './pod-containers.ts';

type Query = { readonly [name: string]: readonly string[] };

const PODS = { group: '', resource: 'pods' };

export function existingPod(call: ApiCall, pod: KubeObject | undefined): KubeObject {
	if (pod === undefined) throw notFound(PODS, call.name ?? '');
	return pod;
}

const first = (query: Query, name: string): string => query[name]?.[0] ?? '';
const flag = (query: Query, name: string): boolean => ['true', '1'].includes(first(query, name));

function withHost(pod: KubeObject): KubeObject {
	if (str(specOf(pod).nodeName) === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
	return pod;
}

/** ValidatePodLogOptions. */
function logErrors(query: Query): readonly FieldError[] {
	const out: FieldError[] = [];
	const number = (name: string): number | undefined => (first(query, name) === '' ? undefined : Number(first(query, name)));
	const tail = number('tailLines');
	if (tail !== undefined && tail < 0) out.push(invalidValue('tailLines', tail, 'must be greater than or equal to 0'));
	const limit = number('limitBytes');
	if (limit !== undefined && limit < 1) out.push(invalidValue('limitBytes', limit, 'must be greater than 0'));
	const since = number('sinceSeconds');
	if (since !== undefined && since < 1) out.push(invalidValue('sinceSeconds', since, 'must be greater than 0'));
	return out;
}

function log(services: Services, world: World, call: ApiCall, found: KubeObject | undefined): ApiResult {
	const pod = existingPod(call, found);
	const query = call.options.query ?? {};
	const errors = logErrors(query);
	if (errors.length > 0) throw invalidObject({ group: '', kind: 'PodLogOptions' }, pod.metadata.name, errors);
	const container = chooseContainer(pod, first(query, 'container'));
	// A pod without a node has no location to read from; the answer is an empty log.
	if (str(specOf(pod).nodeName) === '') return { code: 200, body: undefined, text: '' };
	return services.kubelet.log(world, pod, { ...query, container: [container] });
}

function execRequest(pod: KubeObject, query: Query): ExecRequest {
	return {
		container: chooseContainer(pod, first(query, 'container')),
		command: query.command ?? [],
		stdin: flag(query, 'stdin'),
		stdout: flag(query, 'stdout'),
		stderr: flag(query, 'stderr'),
		tty: flag(query, 'tty'),
	};
}

function portForward(services: Services, world: World, call: ApiCall, found: KubeObject | undefined): ApiResult {
	const pod = withHost(existingPod(call, found));
	const ports = (call.options.query?.ports ?? []).flatMap((p) => p.split(',')).map(Number);
	return services.kubelet.portForward(world, pod, ports);
}

type Connect = (world: World, call: ApiCall, object: KubeObject | undefined) => ApiResult;

export function podConnections(services: Services): { readonly [subresource: string]: Connect } {
	const streamed = (start: (world: World, pod: KubeObject, request: ExecRequest) => ApiResult): Connect => {
		return (world, call, found) => {
			const pod = existingPod(call, found);
			const request = execRequest(pod, call.options.query ?? {});
			return start(world, withHost(pod), request);
		};
	};
	return {
		log: (world, call, pod) => log(services, world, call, pod),
		exec: streamed((world, pod, request) => services.kubelet.exec(world, pod, request)),
		attach: streamed((world, pod, request) => services.kubelet.attach(world, pod, request)),
		portforward: (world, call, pod) => portForward(services, world, call, pod),
	};
}
