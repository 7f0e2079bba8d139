/** Ceilings of expressions: Kubernetes' own (`apiserver/pkg/apis/cel/config.go`, `pkg/cel/limits.go`) and the cache's. */
export const LIMITS = {
	/** Nesting of one expression (cel-go's recursion limit). */
	depth: 250,
	/** Cost that one evaluation may have. */
	perCall: 1_000_000,
	/** Cost of all evaluations for one object of a custom resource, or of one policy for one request. */
	runtime: 10_000_000,
	/** Cost of all match conditions of one policy or webhook for one request. */
	matchConditions: 2_500_000,
	/** Characters of one audit annotation that a policy makes. */
	annotationCharacters: 10 * 1024,
	/** Estimated cost of one rule, and of all rules of one schema, when a definition is created. */
	staticRule: 10_000_000,
	staticSchema: 100_000_000,
	/** Characters of a message that an expression makes. */
	messageCharacters: 5 * 1024,
	/** Compiled expressions that are kept of one environment, for all worlds together. */
	programs: 2000,
} as const;
