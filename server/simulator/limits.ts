/** Ceilings of the GPU nodes and of what is served on them, in one place; `limits.test.ts` beside it names each. */
export const GPU_LIMITS = {
	/** Cards of one node: as many as a machine of any cloud has. */
	cardsPerNode: 8,
	/** GPU nodes of a cluster: as many as make sense beside one another on a laptop. */
	nodes: 64,
	/** Replicas that time-slicing or MPS may make of one device: more names nobody can use, and each is an id to be kept. */
	replicas: 1000,
} as const;

export const SERVING_LIMITS = {
	/** Clients or static batch of one predicted row; a table's rows beyond it get an error, as they would take hours. */
	predictedConcurrency: 16_384,
	/** Tokens of one predicted row's prompt or output. */
	predictedTokens: 10_485_760,
	/** GPUs of one predicted row's server. */
	predictedGpus: 1024,
} as const;

export const TRITON_LIMITS = {
	/** Characters of a config.pbtxt, and messages within messages in it. */
	configCharacters: 262_144,
	configDepth: 32,
	/** Elements of one input or output tensor: a body is text here. */
	tensorElements: 1_048_576,
	/** Instances of a server's models together. */
	instances: 256,
	/** Requests in a model's queue where its policy sets no `max_queue_size`: beyond it a simulated server refuses. */
	queued: 16_384,
} as const;
