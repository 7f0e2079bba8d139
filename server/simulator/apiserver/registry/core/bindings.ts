/** `bindings`: the older way to put a pod on a node, the same as its `binding` subresource (LegacyBindingREST). */
import type { Services } from '../../../services.ts';
import type { Strategy } from '../../types.ts';
import { defineResource } from '../define.ts';
import { rec, str } from '../fields.ts';
import { getObject, objectKey } from '../store.ts';
import { bind } from './pod-binding.ts';

export const bindings = (services: Services, pods: Strategy): Strategy =>
	defineResource({
		group: '',
		resource: 'bindings',
		kind: 'Binding',
		verbs: ['create'],
		virtualCreate: (world, call) => {
			const name = str(rec(rec(call.body).metadata).name);
			const pod = getObject(world, pods, objectKey(call.namespace, name));
			return bind(services, world, { ...call, name }, pod);
		},
	});
