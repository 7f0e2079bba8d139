/** Runtime classes: `pkg/registry/node/runtimeclass`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Label } from '../../validation.ts';
import { canonicalResourceList } from '../core/pod-defaults.ts';
import { defineResource } from '../define.ts';
import { changeField, isRecord, rec, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { immutableErrors, invalidEach } from '../validation/field.ts';
import { resourceErrors } from '../validation/resource-names.ts';
import { labelsErrors } from '../validation/selectors.ts';

function validate(runtime: KubeObject): readonly FieldError[] {
	const out = [...invalidEach('handler', str(runtime.handler), checkDns1123Label(str(runtime.handler)))];
	if (isRecord(runtime.overhead)) out.push(...resourceErrors({ limits: rec(runtime.overhead).podFixed }, 'overhead', []));
	if (isRecord(runtime.scheduling)) out.push(...labelsErrors(rec(runtime.scheduling).nodeSelector, 'scheduling.nodeSelector'));
	return out;
}

export const runtimeclasses = defineResource({
	group: 'node.k8s.io',
	resource: 'runtimeclasses',
	kind: 'RuntimeClass',
	namespaced: false,
	defaults: (runtime) => changeField(runtime, 'overhead', (o) => changeField(o, 'podFixed', canonicalResourceList)) as KubeObject,
	validate: (_world, runtime) => validate(runtime),
	validateUpdate: (_world, runtime, old) => immutableErrors('handler', runtime.handler, old.handler),
	table: table(['Name', 'Handler', 'Age'], (world, runtime) => [runtime.metadata.name, str(runtime.handler), age(world, runtime)]),
});
