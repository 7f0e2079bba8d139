/** The kinds that few manifests hold: certificate requests, flow control, dynamic resources, CSI, runtime classes, service ranges, registrations. */
import { area } from './case.ts';

/** `/O=dev/CN=jane`, signed with an RSA key that nobody has any more. */
const REQUEST =
	'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQ1lqQ0NBVW9DQVFBd0hURU1NQW9HQTFVRUNnd0RaR1YyTVEwd0N3WURWUVFEREFScVlXNWxNSUlCSWpBTgpCZ2txaGtpRzl3MEJBUUVGQUFPQ0FROEFNSUlCQ2dLQ0FRRUFsTnZXZ3RXRmhQVVpYaE42Ym96S2pGeGF3T1VHClBkc0ZvUkgxc0duU0o5cnRESTVkclVWeWFTZ0RNVFJ3YnNpZzFRM0pRb1JhZDBnUW9WZEszZnpaMTVXWHB3NkIKOGlTR3EvNmVCUHo3akx0OFN5UjlsYnh1a3g3RDErUzhBMmRXOUtUWXo3dUtEQWpqeFcvSmgzMmZoR0YyWWdjQwp3RDd5RkJIWkEvdDRjZUx0dkl3UmdQODJ2ZlVGTnZZODBOZGVaMW1UOGhrYUZOSzVUSDVzZ1RELy8yeS9McHF5CnpaRW1sOUpibkNaa2ZDdE1qVHNNWWFlK0FoOWZSa3RVaHFjaGk4YVZrdll3YnBJck5mUkRQY2RwM2ZwVHpmZW4KRFdLb2xvbER1eWkvTnNyc2hTdmVxWWxocWY5MHRIcXpHbkRLVUdtRUFVK1hlQjIxSzlSY3ViOU5Nd0lEQVFBQgpvQUF3RFFZSktvWklodmNOQVFFTEJRQURnZ0VCQUlVb2lTYVNMc3VlVzZOaXd3WkhvZkRXVFFnemVCUHhBdkNICi9qL1phdnFBOTdxQkJZRWRLTkRvWXJJTFY2Mk96N2pSekdka1Iwck5TT3lVWWQ3WDVOYk4ydy9ERDAzL0cySFEKV25WRzRxS2NIb0ZLUGNHNWNsS1NBbW8zM1c3V2JIcmQwNFpoRFlha3BGS3lZTThleVVrc3BPOTE5OXAyTkNiWgp2aXA4SHBBOXl3bGlYVkVQeXA1eXBxWUU5Z1dkSjc3TkZ2aStwWXBibW5Zc0VqQjRCck4wZEswTVMzYkQ4Q09WCkw5Wk5GM1JxcDNEbkp5Vm54SlhtOExQenhHZzZtWm16NGdUMjVoVzBWOE9zNExxV2o4SjhlM2NlQkE5c1VhRGEKTWs4UWUzRGNSRHoyM1JTNVVjZ1l6clRZTUFrU2lXUit6cFI4cjZFNWNpYWVWNWluRlowPQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K';

const signing = (name: string, signer: string, usages: string): string => `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: ${name}}
spec: {request: ${REQUEST}, signerName: ${signer}, expirationSeconds: 86400, usages: [${usages}]}
`;

const OBJECTS = `apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: sandboxed}
handler: runsc
overhead: {podFixed: {cpu: 250m, memory: 64Mi}}
scheduling: {nodeSelector: {kubernetes.io/os: linux}}
---
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: disks.example.com}
spec: {attachRequired: true, tokenRequests: [{audience: vault}]}
---
apiVersion: storage.k8s.io/v1
kind: VolumeAttributesClass
metadata: {name: fast}
driverName: disks.example.com
parameters: {iops: "4000"}
---
apiVersion: storage.k8s.io/v1
kind: VolumeAttachment
metadata: {name: attached}
spec: {attacher: disks.example.com, nodeName: foothold-worker, source: {persistentVolumeName: disk}}
---
apiVersion: storage.k8s.io/v1
kind: CSIStorageCapacity
metadata: {name: room, namespace: shop}
storageClassName: standard
capacity: 10Gi
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: more}
spec: {cidrs: [10.200.0.0/24]}
---
apiVersion: networking.k8s.io/v1
kind: IPAddress
metadata: {name: 10.200.0.9}
spec: {parentRef: {group: gateway.networking.k8s.io, resource: gateways, namespace: shop, name: front}}
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: PriorityLevelConfiguration
metadata: {name: slow}
spec: {type: Limited, limited: {nominalConcurrencyShares: 2, limitResponse: {type: Queue, queuing: {queues: 8, handSize: 2}}}}
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: robots}
spec:
  priorityLevelConfiguration: {name: slow}
  distinguisherMethod: {type: ByUser}
  rules:
  - subjects: [{kind: ServiceAccount, serviceAccount: {name: robot, namespace: shop}}]
    resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: [shop]}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.ext.example.com}
spec: {group: ext.example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 10, service: {namespace: shop, name: ext}}
---
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: gpu}
spec: {selectors: [{cel: {expression: device.driver == "gpu.example.com"}}]}
---
apiVersion: resource.k8s.io/v1
kind: ResourceSlice
metadata: {name: worker-gpus}
spec:
  driver: gpu.example.com
  nodeName: foothold-worker
  pool: {name: foothold-worker, generation: 1, resourceSliceCount: 1}
  devices:
  - {name: gpu-0, attributes: {model: {string: A100}}, capacity: {memory: {value: 80Gi}}}
---
apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata: {name: one-gpu, namespace: shop}
spec: {spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu}}]}}}
---
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: {name: shared-gpu, namespace: shop}
spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu}}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: trainer, namespace: shop}
spec:
  resourceClaims: [{name: gpu, resourceClaimName: shared-gpu}]
  containers: [{name: main, image: "nginx:1.29", resources: {claims: [{name: gpu}]}}]
---
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: older, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3, targetCPUUtilizationPercentage: 60}
`;

const BROKEN = `apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: broken}
handler: Run_C
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: broken}
spec: {matchingPrecedence: 1, priorityLevelConfiguration: {name: ""}}
---
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: broken}
spec: {selectors: [{cel: {expression: 1 + 1}}]}
---
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: broken}
spec: {volumeLifecycleModes: [Sometimes]}
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: broken}
spec: {cidrs: [10.0.0.0/33]}
---
apiVersion: v1
kind: Pod
metadata: {name: broken, namespace: shop}
spec: {runtimeClassName: nowhere, containers: [{name: main, image: nginx}]}
`;

const SHOWN = [
	'runtimeclass sandboxed',
	'csidriver disks.example.com',
	'vac fast',
	'volumeattachment attached',
	'csistoragecapacity room -n shop',
	'servicecidr more',
	'ipaddress 10.200.0.9',
	'prioritylevelconfiguration slow',
	'flowschema robots',
	'apiservice v1.ext.example.com',
	'deviceclass gpu',
	'resourceslice worker-gpus',
	'resourceclaimtemplate one-gpu -n shop',
	'resourceclaim shared-gpu -n shop',
	'csinode foothold-worker',
	'servicecidr kubernetes',
	'apiservice v1.apps',
	'flowschema exempt',
];

export const KIND_AREAS = [
	area('newer kinds', [
		{ run: 'apply -f -', stdin: OBJECTS, settle: 5 },
		{ run: 'apply -f -', stdin: OBJECTS },
		{ run: 'apply -f -', stdin: BROKEN },
		...SHOWN.flatMap((what) => [`get ${what}`, `get ${what} -o yaml`, `describe ${what}`]),
		'get hpa older -n shop',
		'get horizontalpodautoscalers.v1.autoscaling older -n shop -o yaml',
		'get horizontalpodautoscalers.v1.autoscaling -n shop',
		'get apiservices -o wide',
		'get flowschemas,prioritylevelconfigurations',
		'get ip,servicecidrs',
		'get resourceclaims,resourceclaimtemplates -n shop',
		'get resourceslices --field-selector spec.driver=gpu.example.com',
		'get ip --field-selector spec.parentRef.name=front',
		'get resourceslices --field-selector spec.nothing=x',
		'get events.v1.events.k8s.io -n shop --field-selector regarding.name=trainer -o name',
		'patch vac fast --type merge -p \'{"driverName":"other"}\'',
		'patch runtimeclass sandboxed --type merge -p \'{"handler":"kata"}\'',
		'label deviceclass gpu tier=gold',
		'explain csr.spec.signerName',
		'explain flowschema.spec.rules',
		'explain resourceclaim.spec.devices.requests',
		'explain apiservice.spec',
		'delete resourceclaimtemplate one-gpu -n shop',
		'delete flowschema robots',
		'delete servicecidr more --wait=false',
	]),
	area('certificates', [
		{ run: 'apply -f -', stdin: signing('jane', 'kubernetes.io/kube-apiserver-client', 'client auth') },
		{ run: 'apply -f -', stdin: signing('server', 'kubernetes.io/kube-apiserver-client', 'server auth') },
		{ run: 'apply -f -', stdin: signing('foreign', 'example.com/mine', 'any') },
		{ run: 'apply -f -', stdin: signing('legacy', 'kubernetes.io/legacy-unknown', 'any') },
		'get csr',
		'describe csr jane',
		'certificate approve jane server foreign',
		'get csr',
		"get csr server -o jsonpath='{.status.conditions[*].message}'",
		'certificate approve jane',
		'certificate deny jane',
		'certificate approve nobody',
		'describe csr jane',
		'get csr --field-selector spec.signerName=example.com/mine',
		'delete csr jane server foreign',
	]),
];
