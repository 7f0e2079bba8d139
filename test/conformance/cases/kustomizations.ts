/** Kustomizations in every style, beside the commands. */

export const KUSTOMIZATIONS: { readonly [name: string]: string } = {
	'kz/base/x.env': `# c
E1=1
E2=two words

`,
	'kz/base/kustomization.yaml': `resources: [app.yaml]
configMapGenerator:
- name: gen
  literals: [a=b, c=d]
  files: [a.txt, key=a.txt]
  envs: [x.env]
secretGenerator:
- name: sec
  literals: [u=p]
  type: Opaque
generatorOptions: {labels: {gl: "1"}, annotations: {ga: x}}
`,
	'kz/base/app.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: app, labels: {x: y}}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      serviceAccountName: robot
      containers:
      - name: c
        image: nginx:1.29
        envFrom: [{configMapRef: {name: gen}}, {secretRef: {name: sec}}]
        env: [{name: A, value: "1"}, {name: B, valueFrom: {configMapKeyRef: {name: gen, key: a}}}]
        ports: [{containerPort: 80}]
      volumes: [{name: v, configMap: {name: gen}}, {name: p, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec: {selector: {app: app}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: robot}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ing}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: app, port: {number: 80}}}}]}}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}, maxReplicas: 3}
---
apiVersion: v1
kind: Namespace
metadata: {name: team}
`,
	'kz/base/a.txt': `hello
world
`,
	'kz/over/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: prod
namePrefix: p-
nameSuffix: -s
resources: [../base]
components: [../comp]
commonAnnotations: {team: blue}
labels:
- pairs: {env: prod}
- pairs: {tier: web}
  includeSelectors: true
- pairs: {tpl: yes1}
  includeTemplates: true
images:
- name: nginx
  newName: my/nginx
  newTag: "9"
replicas:
- name: app
  count: 5
configMapGenerator:
- name: gen
  behavior: merge
  literals: [a=changed, new=1]
patches:
- path: p.yaml
- target: {kind: Service}
  patch: |-
    - op: add
      path: /spec/type
      value: NodePort
- patch: |-
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: data}
    $patch: delete
`,
	'kz/over/p.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec: {template: {spec: {containers: [{name: c, resources: {limits: {cpu: 1}}}, {name: side, image: busybox}]}}}
`,
	'kz/comp/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
configMapGenerator: [{name: compcm, literals: [z=1], options: {disableNameSuffixHash: true, immutable: true}}]
patches:
- target: {kind: Deployment, name: app}
  patch: '[{"op": "add", "path": "/metadata/annotations", "value": {"fromcomp": "y"}}]'
replacements:
- source: {kind: Service, name: app, fieldPath: metadata.name}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ['spec.template.spec.containers.[name=c].env.[name=A].value']
`,
	'kz/dup/kustomization.yaml': `resources: [a.yaml, b.yaml]
`,
	'kz/dup/a.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: x}
`,
	'kz/dup/b.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: x}
`,
	'kz/unknown/kustomization.yaml': `resorces: [a.yaml]
`,
	'kz/nores/kustomization.yaml': `resources: [nothere.yaml]
`,
	'kz/empty/kustomization.yaml': `resources: []
`,
	'kz/none/a.yaml': `a: b
`,
	'kz/nopatch/kustomization.yaml': `resources: [a.yaml]
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: nope}
    spec: {replicas: 2}
`,
	'kz/nopatch/a.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: x}
`,
	'kz/outside/kustomization.yaml': `resources: [../dup/a.yaml]
`,
	'kz/json/kustomization.yaml': `resources: [a.yaml]
namePrefix: j-
commonLabels: {app: web}
images: [{name: busybox, digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]
configMapGenerator: [{name: c, literals: [a=b]}]
patchesJson6902:
- target: {group: batch, version: v1, kind: CronJob, name: cj}
  patch: '[{"op": "replace", "path": "/spec/schedule", "value": "1 * * * *"}]'
`,
	'kz/json/a.yaml': `apiVersion: batch/v1
kind: CronJob
metadata: {name: cj}
spec:
  schedule: "0 * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox:1, envFrom: [{configMapRef: {name: c}}]}]}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: np}
spec: {podSelector: {matchLabels: {a: b}}, ingress: [{from: [{podSelector: {matchLabels: {c: d}}}]}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {x: y}}
  template: {metadata: {labels: {x: y}}, spec: {initContainers: [{name: i, image: busybox}], containers: [{name: c, image: "other/busybox"}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {x: y}, ports: [{port: 1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: c, image: busybox}]}
`,
	'kz/merge/kustomization.yaml': `resources: [a.yaml]
replicas: [{name: d, count: 3}]
patches:
- path: p.yaml
  target: {kind: Deployment, labelSelector: "app=d"}
- patch: |
    - op: test
      path: /spec/replicas
      value: 1
    - {op: remove, path: /spec/template/spec/containers/0/env/0}
  target: {kind: Deploy.*}
`,
	'kz/merge/a.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: d, labels: {app: d}}
spec:
  replicas: 1
  selector: {matchLabels: {app: d}}
  template: {metadata: {labels: {app: d}}, spec: {containers: [{name: a, image: a, env: [{name: X, value: y}]}, {name: b, image: b, args: [x], ports: [{containerPort: 1}]}], tolerations: [{key: a, operator: Exists}], volumes: [{name: v, emptyDir: {}}]}}
`,
	'kz/merge/p.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: ignored}
spec:
  template:
    metadata: {annotations: {x: y}}
    spec:
      tolerations: [{key: b, operator: Exists}]
      containers: [{name: b, args: [z], env: [{name: N, value: "1"}], ports: [{containerPort: 2}]}]
      initContainers: [{name: i, image: i}]
      volumes: [{name: v, emptyDir: null, configMap: {name: c}}, {name: w, $patch: delete}]
`,
	'kz/gen/kustomization.yaml': `namespace: shop
configMapGenerator:
- name: files
  files: [a.txt, other=a.txt]
- name: nohash
  literals: ["a=b=c", "q='quoted'"]
  options: {disableNameSuffixHash: true, labels: {l: m}}
secretGenerator:
- {name: tls, type: kubernetes.io/tls, literals: [tls.crt=c, tls.key=k]}
- {name: env, envs: [x.env]}
`,
	'kz/gen/a.txt': `text
`,
	'kz/gen/x.env': `A=1
B=
`,
	'kz/helm/kustomization.yaml': `helmGlobals: {chartHome: charts}
helmCharts:
- {version: 1.0.0, name: web, repo: https://example.com, valuesInline: {b: 1, a: {c: x}}, includeCRDs: true}
`,
	'kz/badyaml/kustomization.yaml': `a: b: c
`,
};
