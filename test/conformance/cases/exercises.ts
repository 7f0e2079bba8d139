/** Longer exercises, each a story on a cluster of its own: what one command leaves behind the next one shows. */
import { area } from './case.ts';

const VARIABLES = `apiVersion: v1
kind: Pod
metadata: {name: vars, labels: {tier: x}}
spec:
  containers:
  - name: c
    image: busybox:1.37
    command: [sh, -c, "id; sleep 100000"]
    resources: {requests: {cpu: 125m, memory: 32Mi}, limits: {cpu: 250m, memory: 64Mi}}
    env:
    - {name: CPU, valueFrom: {resourceFieldRef: {containerName: c, resource: limits.cpu, divisor: 1m}}}
    - {name: CORES, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: requests.memory, divisor: 1Mi}}}
    - {name: BYTES, valueFrom: {resourceFieldRef: {resource: requests.memory}}}
    - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
    - {name: TIER, valueFrom: {fieldRef: {fieldPath: "metadata.labels['tier']"}}}
    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
`;

export const EXERCISE_AREAS = [
	area('exercise: releases', [
		{ run: 'create deployment front --image=nginx:1.27 --replicas=2', settle: 20 },
		'annotate deploy/front kubernetes.io/change-cause=first',
		{ run: 'set image deploy/front nginx=nginx:1.28', settle: 20 },
		'annotate deploy/front kubernetes.io/change-cause=second',
		'annotate deploy/front kubernetes.io/change-cause=third note=x',
		'annotate deploy/front kubernetes.io/change-cause=fourth note=y',
		'rollout history deploy/front',
		'rollout history deploy/front --revision=2',
	]),
	area('exercise: configuration', [{ run: 'apply -f -', stdin: VARIABLES, settle: 10 }, 'describe pod vars', 'exec vars -- env', 'logs vars']),
];
