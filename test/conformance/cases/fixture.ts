/** What stands in the cluster before the first command, and the files beside the commands. */
import { KUSTOMIZATIONS } from './kustomizations.ts';

/** One object of each common kind, some of them in trouble. */
export const FIXTURE = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: blue}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: most, namespace: shop}
spec: {hard: {pods: "40", requests.cpu: "20"}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: usual, namespace: shop}
spec:
  limits:
  - type: Container
    default: {cpu: 500m, memory: 256Mi}
    defaultRequest: {cpu: 50m, memory: 64Mi}
    max: {cpu: "2"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {color: blue, app.properties: "a=1\\nb=2\\n"}
binaryData: {blob: AAEC}
---
apiVersion: v1
kind: Secret
metadata: {name: login, namespace: shop}
stringData: {user: admin, password: hunter2}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web, tier: front}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}, annotations: {note: hello}}
    spec:
      serviceAccountName: robot
      initContainers:
      - {name: prepare, image: "busybox:1.37", command: [sh, -c, "echo ready"]}
      containers:
      - name: nginx
        image: nginx:1.29
        ports: [{containerPort: 80, name: http}]
        env:
        - {name: PLAIN, value: x}
        - {name: COLOR, valueFrom: {configMapKeyRef: {name: settings, key: color}}}
        - {name: PASS, valueFrom: {secretKeyRef: {name: login, key: password}}}
        - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        envFrom: [{configMapRef: {name: settings, optional: true}}]
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 250m, memory: 128Mi}}
        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 2}
        livenessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 5}
        volumeMounts: [{name: conf, mountPath: /conf, readOnly: true}, {name: scratch, mountPath: /scratch}]
      volumes:
      - {name: conf, configMap: {name: settings}}
      - {name: scratch, emptyDir: {}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: web-node, namespace: shop}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: shop}
spec: {type: ExternalName, externalName: example.com}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: nginx
  tls: [{hosts: [shop.foothold.test], secretName: cert}]
  rules:
  - host: shop.foothold.test
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80, protocol: TCP}]}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: shop}
spec:
  serviceName: store
  replicas: 2
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      containers: [{name: main, image: "busybox:1.37", command: [sh, -c, "echo started; sleep 1000000"], volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: store, namespace: shop}
spec: {clusterIP: None, selector: {app: store}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: main, image: "busybox:1.37", command: [sleep, "1000000"]}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: shop}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:1.37", command: [sh, -c, "echo one; echo two; echo three"]}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  schedule: "0 3 1 1 *"
  jobTemplate:
    spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: main, image: "busybox:1.37", command: [date]}]}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: store, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: store}
  minReplicas: 2
  maxReplicas: 4
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: unused, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules:
- {apiGroups: [""], resources: [pods, pods/log], verbs: [get, list, watch]}
- {apiGroups: [apps], resources: [deployments], resourceNames: [web], verbs: [patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: robot, namespace: shop}, {kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
description: first
---
apiVersion: v1
kind: Pod
metadata: {name: tool, namespace: shop, labels: {app: tool}}
spec:
  containers:
  - {name: main, image: "busybox:1.37", command: [sh, -c, "echo hello; sleep 1000000"]}
  - {name: side, image: "busybox:1.37", command: [sh, -c, "echo side; sleep 1000000"]}
---
apiVersion: v1
kind: Pod
metadata: {name: stuck, namespace: shop}
spec:
  nodeSelector: {disk: ssd}
  tolerations: [{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 60}]
  containers: [{name: main, image: "busybox:1.37"}]
---
apiVersion: v1
kind: Pod
metadata: {name: nopull, namespace: shop}
spec: {containers: [{name: main, image: "nginx:9.99"}]}
`;

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata: {name: applied, labels: {a: b}}
data: {one: "1", two: "2"}
`;
const APP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app, labels: {app: app}}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
      - {name: c, image: "nginx:1.29", ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec: {selector: {app: app}, ports: [{port: 80}]}
`;

export const FILES: { readonly [name: string]: string } = {
	...KUSTOMIZATIONS,
	'config.yaml': CONFIG,
	'config2.yaml': CONFIG.replace('one: "1", ', '').replace('a: b', 'c: d'),
	'app.yaml': APP,
	'app2.yaml': APP.replace('nginx:1.29', 'nginx:1.28.0').replace('replicas: 1', 'replicas: 2'),
	'immutable.yaml': APP.replaceAll('{app: app}', '{app: other}'),
	'notyaml.yaml': 'a: b: c\n',
	'nokind.yaml': 'metadata: {name: x}\n',
	'unknown.yaml': 'apiVersion: foo/v1\nkind: Foo\nmetadata: {name: x}\n',
	'unknownkind.yaml': 'apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: x}\n',
	'badfield.yaml': APP.replace('replicas: 1', 'replica: 1'),
	'badtype.yaml': APP.replace('replicas: 1', 'replicas: "x"'),
	'invalid.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: Bad_Name}\nspec: {containers: [{name: c}]}\n',
	'noname.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n',
	'generate.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: gen-}\n',
	'empty.yaml': '',
	'othernamespace.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: shop}\n',
	'duplicate.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dup}\ndata: {a: x, a: y}\n',
	'a.txt': 'hello\n',
	'tmpl.txt': '{{.metadata.name}} {{.spec.nodeName}}\n',
	'path.txt': '{.metadata.name}',
	'cols.txt': 'NAME IMAGE\nmetadata.name spec.containers[0].image\n',
	'rc.yaml':
		'apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\naliases:\n- {name: getnodes, command: get, prependArgs: [nodes], options: [{name: output, default: name}]}\n',
	'env.txt': '# comment\nA=1\nB=two words\n\n  C=3\n',
	'rbac.yaml':
		'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r, namespace: team}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: team}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects: [{kind: User, name: a, apiGroup: rbac.authorization.k8s.io}]\n',
	'rbac2.yaml':
		'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r, namespace: team, labels: {x: "1"}}\nrules: [{apiGroups: [""], resources: [pods, pods/log], verbs: [list, watch]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: team}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects: [{kind: Group, name: g, apiGroup: rbac.authorization.k8s.io}]\n',
	'patch.json': '{"metadata":{"labels":{"from":"file"}}}\n',
	'kustom/kustomization.yaml': 'namePrefix: k-\nnamespace: shop\nresources: [config.yaml]\nconfigMapGenerator:\n- name: gen\n  literals: [a=b]\n',
	'kustom/config.yaml': CONFIG,
	'dir/one.yaml': CONFIG.replace('applied', 'dir-one'),
	'dir/two.yaml': CONFIG.replace('applied', 'dir-two'),
	'crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, description: A widget., properties: {spec: {type: object, properties: {size: {type: integer, description: How large., minimum: 1}}}}}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
`,
	'widget.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w1}\nspec: {size: 3}\n',
	'badwidget.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w2}\nspec: {size: 0}\n',
};
