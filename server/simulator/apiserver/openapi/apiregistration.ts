/** Types of apiregistration.k8s.io/v1, in the form of schema.gen.ts; they are declared in kube-aggregator. */
export const APIREGISTRATION: { readonly [type: string]: string } = {
	APIService: '^ meta/v1.TypeMeta;metadata meta/v1.ObjectMeta#1;spec APIServiceSpec#2;status APIServiceStatus#3',
	APIServiceCondition: 'type! string#1;status! string#2;lastTransitionTime Time#3;reason string#4;message string#5',
	APIServiceSpec:
		'service *ServiceReference#1;group string#2;version string#3;insecureSkipTLSVerify bool#4;caBundle bytes#5@a;groupPriorityMinimum! int32#7;versionPriority! int32#8',
	APIServiceStatus: 'conditions []APIServiceCondition#1@p=type|l=type',
	ServiceReference: 'namespace string#1;name string#2;port *int32#3',
};
