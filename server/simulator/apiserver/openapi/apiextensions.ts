/** Types of apiextensions.k8s.io/v1, in the form of schema.gen.ts; they are declared outside the packages which that is generated from. */
/** A schema, or a boolean in its place. */
export const SCHEMA_OR_BOOL = 'apiextensions/v1.JSONSchemaPropsOrBool';

export const APIEXTENSIONS: { readonly [type: string]: string } = {
	ConversionRequest: 'uid! string;desiredAPIVersion! string;objects! []Any',
	CustomResourceColumnDefinition: 'name! string#1;type! string#2;format string#3;description string#4;priority int32#5;jsonPath! string#6',
	CustomResourceConversion: 'strategy! string#1;webhook *WebhookConversion#2',
	CustomResourceDefinition: '^ meta/v1.TypeMeta;metadata meta/v1.ObjectMeta#1;spec! CustomResourceDefinitionSpec#2;status CustomResourceDefinitionStatus#3',
	CustomResourceDefinitionCondition: 'type! string#1;status! string#2;lastTransitionTime Time#3;reason string#4;message string#5;observedGeneration int64#6',
	CustomResourceDefinitionNames: 'plural! string#1;singular string#2;shortNames []string#3@a;kind! string#4;listKind string#5;categories []string#6@a',
	CustomResourceDefinitionSpec:
		'group! string#1;names! CustomResourceDefinitionNames#3;scope! string#4;versions! []CustomResourceDefinitionVersion#7@a;conversion *CustomResourceConversion#9;preserveUnknownFields bool#10',
	CustomResourceDefinitionStatus:
		'conditions []CustomResourceDefinitionCondition#1@l=type;acceptedNames CustomResourceDefinitionNames#2;storedVersions []string#3@a;observedGeneration int64#4',
	CustomResourceDefinitionVersion:
		'name! string#1;served! bool#2;storage! bool#3;schema *CustomResourceValidation#4;subresources *CustomResourceSubresources#5;additionalPrinterColumns []CustomResourceColumnDefinition#6@a;deprecated bool#7;deprecationWarning *string#8;selectableFields []SelectableField#9@a',
	CustomResourceSubresourceScale: 'specReplicasPath! string#1;statusReplicasPath! string#2;labelSelectorPath *string#3',
	CustomResourceSubresources: 'status *Any#1;scale *CustomResourceSubresourceScale#2',
	CustomResourceValidation: 'openAPIV3Schema *JSONSchemaProps#1',
	ExternalDocumentation: 'description string#1;url string#2',
	JSONSchemaProps:
		'id string#1;$schema string#2;$ref *string#3;description string#4;type string#5;format string#6;title string#7;default *Any#8;maximum *float64#9;exclusiveMaximum bool#10;minimum *float64#11;exclusiveMinimum bool#12;maxLength *int64#13;minLength *int64#14;pattern string#15;maxItems *int64#16;minItems *int64#17;uniqueItems bool#18;multipleOf *float64#19;enum []Any#20@a;maxProperties *int64#21;minProperties *int64#22;required []string#23@a;items *JSONSchemaProps#24;allOf []JSONSchemaProps#25@a;oneOf []JSONSchemaProps#26@a;anyOf []JSONSchemaProps#27@a;not *JSONSchemaProps#28;properties map[string]JSONSchemaProps#29;additionalProperties *JSONSchemaPropsOrBool#30;patternProperties map[string]JSONSchemaProps#31;dependencies map[string]Any#32;additionalItems *Any#33;definitions map[string]JSONSchemaProps#34;externalDocs *ExternalDocumentation#35;example *Any#36;nullable bool#37;x-kubernetes-preserve-unknown-fields *bool#38;x-kubernetes-embedded-resource bool#39;x-kubernetes-int-or-string bool#40;x-kubernetes-list-map-keys []string#41@a;x-kubernetes-list-type *string#42;x-kubernetes-map-type *string#43;x-kubernetes-validations []ValidationRule#44@l=rule',
	JSONSchemaPropsOrBool: '^ JSONSchemaProps',
	SelectableField: 'jsonPath! string#1',
	ServiceReference: 'namespace! string#1;name! string#2;path *string#3;port *int32#4',
	ValidationRule: 'rule! string#1;message string#2;messageExpression string#3;reason *string#4;fieldPath string#5;optionalOldSelf *bool#6',
	WebhookClientConfig: 'url *string#3;service *ServiceReference#1;caBundle bytes#2',
	WebhookConversion: 'clientConfig *WebhookClientConfig#2;conversionReviewVersions! []string#3@a',
};
