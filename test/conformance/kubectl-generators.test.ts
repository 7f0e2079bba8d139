/**
 * Client-side generators and flag faults compared with the real kubectl, which needs no server for them. Where there is no
 * kubectl on this machine (npm's layer zip unpacks on linux-x64 only), that is printed and nothing is compared.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Bench } from '../../server/shell/commands/kubectl/testing.ts';
import { findOracle } from './oracle.ts';
import { wordsOf } from './pair.ts';

const FILES: { readonly [name: string]: string } = {
	'a.txt': 'hello\n',
	'page.html': '<html>\n  <body>one & two</body>\n</html>\n',
	'env.txt': 'A=1\nB=two words\n# a comment\n\nC=x=y\n',
	'strange.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: strange
  labels: {a: "1", b: "true"}
data:
  yes: "yes"
  number: "0123"
  float: "1e3"
  empty: ""
  nul: "null"
  colon: "a: b"
  hash: "a #b"
  dash: "- x"
  quote: "it's"
  double: "\\"x\\""
  lead: " x"
  trail: "x "
  multi: "a\\nb\\n"
  nonl: "a\\nb"
  indented: "  a\\nb\\n"
  tab: "a\\tb"
  trailing: "a \\nb\\n"
  unicode: "grüße"
  time: "2024-01-01"
  base60: "1:20"
  star: "*x"
  long: "aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg hhhhhhhhhh iiiiiiiiii jjjjjjjjjj kkkkkkkkkk"
  longquoted: "aaaaaaaaaa: bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee ffffffffff gggggggggg hhhhhhhhhh iiiiiiiiii jjjjjjjjjj kkkkkkkkkk"
  json: "{\\"a\\": 1}"
  x10: "b"
  x9: "a"
`,
	'pod.yaml': `apiVersion: v1
kind: Pod
metadata: {name: p, labels: {a: b}}
spec:
  containers:
  - {name: c, image: nginx, env: [{name: A, value: "1"}], ports: [{containerPort: 80}]}
  - {name: d, image: busybox}
`,
	'deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: c, image: nginx, env: [{name: A, value: "1"}], ports: [{containerPort: 80}]}
      - {name: d, image: busybox}
`,
};

/** Commands without a server, run by both. */
const LINES: readonly string[] = [
	'create namespace x --dry-run=client -o yaml',
	'create ns x --dry-run=client',
	'create ns x y --dry-run=client',
	'create deployment web --image=nginx:1.29 --replicas=3 --dry-run=client -o yaml',
	'create deployment web --image=nginx:1.29 --image=busybox:1.37 --dry-run=client -o yaml',
	'create deployment web --image=ghcr.io/foothold/notes-api:1.4.2 --port=8080 --dry-run=client -o yaml -- sleep 1',
	'create deployment web --image=nginx --dry-run=client -o json',
	'create deployment web --image=nginx --dry-run=client -o name',
	'create deployment web --image=nginx --dry-run=client -n shop -o yaml',
	'create deployment web --image=nginx --dry-run=client -o jsonpath={.spec.replicas}',
	'create deployment web --image=nginx --dry-run=client -o yaml --save-config',
	'create deployment web --dry-run=client',
	'create deployment --image=nginx --dry-run=client',
	'create service clusterip s --tcp=80:8080 --tcp=443 --dry-run=client -o yaml',
	'create service clusterip s --clusterip=None --dry-run=client -o yaml',
	'create service clusterip s --dry-run=client -o yaml',
	'create service nodeport s --tcp=80:http --node-port=30080 --dry-run=client -o yaml',
	'create service loadbalancer s --tcp=80 --dry-run=client -o json',
	'create service externalname s --external-name=a.b --dry-run=client -o yaml',
	'create service externalname s --dry-run=client -o yaml',
	'create configmap c --from-literal=a=b --from-literal=c=d=e --dry-run=client -o yaml',
	'create configmap c --from-file=a.txt --from-file=index.html=page.html --dry-run=client -o yaml',
	'create configmap c --from-file=page.html --dry-run=client -o json',
	'create configmap c --from-env-file=env.txt --dry-run=client -o yaml',
	'create configmap c --from-env-file=env.txt --from-literal=a=b --dry-run=client',
	'create configmap c --from-file=nope --dry-run=client',
	'create configmap c --from-literal=a --dry-run=client',
	'create configmap c --from-literal=a=1 --from-literal=a=2 --dry-run=client',
	'create configmap --dry-run=client',
	'create secret generic s --from-literal=p=q --dry-run=client -o yaml',
	'create secret generic s --from-file=a.txt --type=my/type --dry-run=client -o yaml',
	'create secret docker-registry r --docker-username=u --docker-password=p --docker-email=e --dry-run=client -o yaml',
	'create secret docker-registry r --docker-username=u --dry-run=client -o yaml',
	'create secret tls t --cert=nope --key=nope --dry-run=client',
	'create job j --image=busybox --dry-run=client -o yaml',
	'create job j --image=busybox --dry-run=client -o yaml -- echo hi',
	'create job j --dry-run=client',
	"create cronjob c --image=busybox '--schedule=*/5 * * * *' --dry-run=client -o yaml -- date",
	'create cronjob c --image=busybox --dry-run=client',
	'create serviceaccount s --dry-run=client -o yaml',
	'create role r --verb=get --dry-run=client',
	'create rolebinding rb --role=r --user=u --serviceaccount=ns:sa --group=g --dry-run=client -o yaml',
	'create rolebinding rb --dry-run=client',
	'create rolebinding rb --role=r --serviceaccount=sa --dry-run=client',
	'create clusterrole r --verb=get --non-resource-url=/x --dry-run=client -o yaml',
	'create clusterrole r --aggregation-rule=a=b --dry-run=client -o yaml',
	'create clusterrolebinding rb --clusterrole=r --user=u --dry-run=client -o yaml',
	'create ingress i --rule=a.b/p*=svc:80,tls=sec --rule=/x=svc:http --class=nginx --annotation=a=b --default-backend=d:80 --dry-run=client -o yaml',
	'create ingress i --rule=a.b/*=svc:80 --rule=a.b/y=svc2:81 --rule=c.d/=svc:80,tls --dry-run=client -o yaml',
	'create ingress i --rule=nonsense --dry-run=client -o yaml',
	'create ingress i --dry-run=client',
	'create quota q --hard=cpu=1,pods=2 --scopes=BestEffort --dry-run=client -o yaml',
	'create pdb p --selector=a=b,c=d --min-available=50% --dry-run=client -o yaml',
	'create pdb p --selector=a=b --max-unavailable=1 --dry-run=client -o json',
	'create pdb p --min-available=1 --dry-run=client',
	'create priorityclass p --value=10 --description=d --global-default --dry-run=client -o yaml',
	'create priorityclass p --dry-run=client',
	'create foo',
	'create',
	'create deployment web --image=nginx --dry-run=foo',
	'create deployment web --image=nginx --dry-run=client -o foo',
	'create deployment web --image=nginx --dry-run=client -o go-template={{.kind}}/{{.metadata.name}}',
	'run p',
	'run p --image=nginx --rm',
	'get --foo',
	'get -Z',
	'get pods -n',
	'gett',
	'foo',
	'scale --replicas=x deploy/web',
	'rollout foo',
	'patch -f pod.yaml --local --type=strategic -p {"spec":{"containers":[{"name":"c","image":"x"}]}} -o yaml',
	'patch -f pod.yaml --local --type=strategic -p {"spec":{"containers":[{"name":"d","$patch":"delete"}]}} -o yaml',
	'patch -f pod.yaml --local --type=strategic -p {"spec":{"containers":[{"name":"e","image":"new"}],"$setElementOrder/containers":[{"name":"e"},{"name":"c"}]}} -o yaml',
	'patch -f pod.yaml --local --type=merge -p {"metadata":{"labels":{"a":null,"c":"d"}}} -o yaml',
	'patch -f pod.yaml --local --type=json -p [{"op":"replace","path":"/spec/containers/0/image","value":"x"}] -o yaml',
	'label -f pod.yaml --local x=y a- -o yaml',
	'label -f pod.yaml --local a=c -o yaml',
	'annotate -f pod.yaml --local x=y -o yaml',
	'annotate -f strange.yaml --local x=y -o yaml',
	'set image -f deployment.yaml --local c=nginx:2 -o yaml',
	'set image -f deployment.yaml --local x=nginx:2 -o yaml',
	'set env -f deployment.yaml --local A=2 B=3 -o yaml',
	'set env -f deployment.yaml --local A- -o yaml',
	'set resources -f deployment.yaml --local --limits=cpu=1,memory=1Gi --requests=cpu=100m -o yaml',
	'set serviceaccount -f deployment.yaml --local robot -o yaml',
];

const FOLDER = mkdtempSync(join(tmpdir(), 'kubectl-conformance-'));
for (const [name, content] of Object.entries(FILES)) writeFileSync(join(FOLDER, name), content);

const oracle = findOracle();
if ('missing' in oracle) console.log(`kubectl-generators: ${LINES.length} comparisons with the real kubectl are SKIPPED: ${oracle.missing}`);

describe.skipIf('missing' in oracle)('as the real kubectl', () => {
	test.each(LINES)('kubectl %s', async (line) => {
		const words = wordsOf(line);
		const real = spawnSync('binary' in oracle ? oracle.binary : '', words, {
			cwd: FOLDER,
			encoding: 'utf8',
			env: { HOME: FOLDER, PATH: process.env['PATH'] ?? '' },
		});
		const ours = await new Bench({ files: FILES }).run(words);
		expect({ stdout: ours.stdout, stderr: ours.stderr, code: ours.code }).toEqual({ stdout: real.stdout, stderr: real.stderr, code: real.status });
	});
});
