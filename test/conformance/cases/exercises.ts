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

const NUMBERS = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: bigs.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: bigs, singular: big, kind: Big}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
`;
const BIG = `apiVersion: example.com/v1
kind: Big
metadata: {name: a}
spec: {size: 2100000000, long: 9007199254740993, f: 1234567.5, g: 1e10, h: 1e+23, small: 0.0000001, mega: 1000000.0, t: f}
`;

export const EXERCISE_AREAS = [
	area('exercise: numbers', [
		{ run: 'apply -f -', stdin: NUMBERS, settle: 2 },
		{ run: 'apply -f -', stdin: BIG },
		'get big a',
		'get big a -o yaml',
		'get big a -o json',
		'get big a -o kyaml',
		"get big a -o jsonpath='{.spec.size} {.spec.long} {.spec.f} {.spec.g} {.spec.h} {.spec.small} {.spec.mega}'",
		"get big a -o jsonpath='{.spec}'",
		"get big a -o go-template='{{.spec.size}} {{.spec.long}} {{.spec.f}} {{.spec.h}}'",
		'get big a -o custom-columns=L:.spec.long,F:.spec.f,S:.spec.small',
		"get big -o jsonpath='{.items[?(@.spec.long>5)].metadata.name}'",
		"get big -o jsonpath='{.items[?(@.spec.f>1)].metadata.name}'",
		'describe big a',
		'patch big a --type=merge -p {"spec":{"long":9007199254740995}}',
		'get big a -o jsonpath={.spec.long}',
	]),
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
	area('exercise: faults of makers', [
		'create svc clusterip x --tcp=80:99999 --dry-run=client',
		'create svc clusterip x --tcp=80:0 --dry-run=client',
		'create svc clusterip x --tcp=80:-1 --dry-run=client',
		'create svc clusterip x --tcp=80:web --dry-run=client -o yaml',
		'create svc clusterip x --tcp=80:Web_1 --dry-run=client',
		'create svc clusterip x --tcp=80:a--b --dry-run=client',
		'create svc clusterip x --tcp=80:averyveryverylongname --dry-run=client',
		'create svc clusterip x --tcp=80: --dry-run=client',
		'create svc nodeport x --tcp=0:80 --dry-run=client',
		'top pod nope',
		'top pod nope -n shop',
		'top node nope',
	]),
	area('exercise: configuration', [{ run: 'apply -f -', stdin: VARIABLES, settle: 10 }, 'describe pod vars', 'exec vars -- env', 'logs vars']),
];
