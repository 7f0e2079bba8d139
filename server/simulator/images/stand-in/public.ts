/**
 * Which repositories there are in the world beside those of simulated images: the official images of Docker Hub, and the
 * organisations whose images well-known charts and manifests name. Any other is refused by its registry, as a misspelt one is.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** `docker.io/library/…`: https://github.com/docker-library/official-images, what is no longer built included. */
const OFFICIAL = words(`
adminer aerospike almalinux alpine alt amazoncorretto amazonlinux arangodb archlinux backdrop bash bonita buildpack-deps busybox
caddy cassandra centos chronograf cirros clickhouse clojure composer couchbase couchdb crate dart debian docker
drupal eclipse-mosquitto eclipse-temurin eggdrop elasticsearch elixir emqx erlang fedora flink fluentd friendica gazebo gcc geonetwork ghost golang
gradle groovy haproxy haskell haxe hello-world hitch httpd hylang ibmjava influxdb irssi jenkins jetty joomla jruby julia kapacitor
kibana kong krakend lightstreamer liquibase logstash mageia mariadb matomo maven mediawiki memcached mongo mongo-express monica mysql nats
nats-streaming neo4j neurodebian nextcloud nginx node notary odoo open-liberty openjdk oraclelinux orientdb percona perl phalcon photon php
php-zendserver phpmyadmin plone postfixadmin postgres pypy python r-base rabbitmq rakudo-star redis redmine registry rethinkdb rocket.chat rockylinux
ros ruby rust sapmachine satosa scratch silverpeas solr sonarqube spark spiped storm swift swipl teamspeak telegraf tomcat tomee traefik ubuntu
unit valkey varnish vault websphere-liberty wordpress xwiki yourls znc zookeeper`);

/** By registry: organisations, or projects, of which any repository is there. `*` is all of them. */
const ORGANISATIONS: { readonly [host: string]: ReadonlySet<string> } = {
	'docker.io': words(`
		airbyte alpine amazon anchore apache apachepulsar apicurio aquasec arizephoenix atlassian authelia backstage bitnami bitnamilegacy bitnamicharts
		bitnamisecure bitwarden budibase calico chainguard chromadb cilium clickhouse cloudflare cloudnativelabs codercom confluentinc containous
		coredns crossplane curlimages dapr datadog deepset dexidp directus docker dockersamples dpage dpgv dragonflyoss drone elastic emberstack
		envoyproxy falcosecurity flannel fluent fluxcd freeradius giantswarm gitea gitlab goharbor google grafana graphql groundnuty
		haproxytech hashicorp hasura heroku homeassistant honeycombio huggingface infisical istio jaegertracing jenkins jenkinsci jetbrains
		jetstack jgraph jupyter jupyterhub k8sgpt kedacore keycloak kicbase kindest kiwigrid kiwigrid knative kong kserve
		 kubeflow kubeflowkatib kubernetesui kubeshark kubevirt kyverno langfuse linkerd linuxserver litmuschaos
		llmd lmcache lmsysorg localai localstack loftsh longhornio mailhog mattermost metabase mendhak milvusdb minio mockserver mongodb
		n8nio natsio neuvector newrelic nginx nginxdemos nginxinc nicolaka nvidia oamdev ollama open-telemetry
		openebs openfaas openfga openpolicyagent openproject opensearchproject openzipkin opentelemetry oliver006 paketobuildpacks parseplatform
		paulbouwer percona pgvector phpmyadmin polinux portainer postgis postgrest prom prometheuscommunity provectuslabs pulumi pytorch qdrant quickwit
		rabbitmqoperator rancher rasa ray rayproject redis redislabs rediscommander redpandadata rook rocm scylladb seaweedfs
		selenium semaphoreui sigstore snyk sonatype sourcegraph stakater stefanprodan strimzi supabase superset swaggerapi tailscale tarantool
		 temporalio tensorflow thanosio timescale traefik tykio unleashorg valkey vaultwarden velero verdaccio victoriametrics vllm
		weaveworks weaveworksdemos weaviate wiremock woodpeckerci wurstmeister yugabytedb zalan zalando zenml zookeeper`),
	'ghcr.io': words(`
		actions aquasecurity argoproj argoproj-labs apache astral-sh backstage berriai ceph-csi chaos-mesh chainguard-dev chroma-core cilium
		cloudnative-pg coder controlplaneio-fluxcd crossplane dapr dexidp dragonflyoss envoyproxy external-secrets flannel-io fluxcd gatekeeper
		getsops goauthentik google grafana grafana-operator headlamp-k8s helm home-assistant immich-app inference-gateway jimmidyson jkroepke karpenter-core
		k8snetworkplumbingwg k8sgateway k8sgpt-ai kagent-dev kedacore keptn kgateway-dev knative kserve kube-vip kubescape kubeshark kubewarden kyverno linkerd
		linuxserver llm-d lmcache mariadb-operator medik8s microsoft miniflux ml-tooling mlflow n8n-io nginx nginxinc oauth2-proxy open-feature
		open-telemetry open-webui openclarity opencost openfga oxyno-zeta paperless-ngx prometheus-community projectcontour rancher
		runatlantis siderolabs sigstore spiffe stakater stefanprodan sustainable-computing-io tektoncd traefik volcano-sh vllm-project
		wasmcloud weaveworks zalando zitadel`),
	'quay.io': words(`
		argoproj argoprojlabs brancz calico ceph cephcsi centos cilium cloudservices cloudprovider cockroachdb container-storage-interface coreos
		cortexproject devtron dexidp domino ebs-csi external_storage external-dns fedora flagger fluentd_elasticsearch frrouting giantswarm
		go-skynet huggingface influxdb jaegertracing jetstack jupyter k8scsi keycloak kiali kiwigrid kiwigrid kubermatic
		kubernetes-ingress-controller kubernetes-multicluster kubescape kubevirt metallb minio mittwald
		mongodb nginx nvidia oauth2-proxy opencost openshift operator-framework operatorhubio podman powercloud
		prometheus prometheus-operator prometheuscommunity projectcontour projectquay pusher rancher redhat-cloud-services rh-aiservices-bu rook skopeo solo-io spotahome
		strimzi submariner sustainable_computing_io thanos tigera tinkerbell vcluster velero weaveworks zalando`),
	'registry.k8s.io': words(`
		 addon-manager-amd64 autoscaling build-image capi-openstack cloud-provider-aws cloud-pv-vsphere cluster-api cluster-proportional-autoscaler-amd64
		coredns cpa cpvpa csi-secrets-store csi-vsphere descheduler dns e2e-test-images echoserver etcd etcd-manager external-dns
		gateway-api hpa-example ingress-nginx k8s-dns-node-cache jobset kube-apiserver kube-controller-manager kube-cross kube-proxy kube-scheduler kube-state-metrics kueue kustomize
		kwok lws metrics-server minikube networking nfd nginx-slim node-problem-detector pause prometheus-adapter scheduler-plugins
		secrets-store-sync security-profiles-operator sig-storage test-webserver ubuntu-slim volcano`),
	'k8s.gcr.io': words('*'),
	'gcr.io': words(`
		cadvisor cloud-builders cloudsql-docker datadoghq distroless google-containers google-samples google_containers google_samples heptio-images istio-release
		istio-testing k8s-minikube k8s-staging-metrics-server k8s-staging-external-dns k8s-staging-ingress-nginx k8s-staging-kueue k8s-staging-gateway-api kaniko-project kfserving knative-releases knative-samples kubebuilder kubeflow-images-public
		kuar-demo ml-pipeline spark-operator stacksmith-images tekton-releases tfx-oss-public trivy`),
	'us-docker.pkg.dev': words('google-samples spinnaker-community grafanalabs-dev cloudrun k8s-artifacts-prod'),
	'us-central1-docker.pkg.dev': words('google-samples online-boutique-ci k8s-staging-images genai-quickstart-pub k8s-artifacts-prod'),
	'mcr.microsoft.com': words('*'),
	'public.ecr.aws': words('*'),
	'ecr-public.aws.com': words('*'),
	'mirror.gcr.io': words('*'),
	'nvcr.io': words('nvidia nim'),
	'docker.elastic.co': words('*'),
	'cr.l5d.io': words('*'),
	'cr.fluentbit.io': words('*'),
	'cgr.dev': words('chainguard'),
	'docker.redpanda.com': words('*'),
	'docker.getsops.io': words('*'),
	'docker.n8n.io': words('*'),
	'oci.external-secrets.io': words('*'),
	'reg.kyverno.io': words('*'),
	'registry.gitlab.com': words('gitlab-org'),
	'registry.access.redhat.com': words('*'),
	'registry.developers.crunchydata.com': words('*'),
	'registry.opensource.zalan.do': words('*'),
	'registry.istio.io': words('*'),
	'xpkg.crossplane.io': words('*'),
	'xpkg.upbound.io': words('*'),
	'container-registry.oracle.com': words('*'),
	'lscr.io': words('*'),
};

/** @param repository normalised, `docker.io/library/nginx`. */
export function isPublic(repository: string): boolean {
	const [host = '', first = '', ...rest] = repository.split('/');
	if (host === 'docker.io' && first === 'library') return OFFICIAL.has(rest.join('/'));
	const organisations = Object.hasOwn(ORGANISATIONS, host) ? ORGANISATIONS[host] : undefined;
	return organisations !== undefined && (organisations.has('*') || organisations.has(first));
}

const NAMED =
	/^(?:latest|stable|main|master|mainline|edge|nightly|alpine|slim|debug|nonroot|release|lts|develop|dev|beta|canary|current|full|server)(?:[-.].*)?$/;

/**
 * Whether a tag can be taken for one that was published: a version, or a customary name. Versions beyond 98 are what people write
 * who want a pull to fail.
 */
export function isPlausibleTag(tag: string): boolean {
	if (/(?:^|[.v-])99+(?=$|[.-])/.test(tag)) return false;
	return NAMED.test(tag) || /\d/.test(tag);
}
