/** What reviews are made of, as plain data apart from the schemas: pages use it without a validator. */

/** Only `essential` stands in the way of an approval; `celebratory` says what to keep doing. All four count to the few of a round. */
export const FINDING_TYPES = ['essential', 'actionable', 'informative', 'celebratory'] as const;
export type FindingType = (typeof FINDING_TYPES)[number];

/** Findings that want an answer before the next round. */
export const WANTS_ANSWER: readonly FindingType[] = ['essential', 'actionable'];

/** Rows of content/rubric/rows.yaml: the mid and senior table. */
export const ROWS = ['incident-drills', 'cost-latency', 'security-compliance', 'automation', 'mentoring'] as const;
