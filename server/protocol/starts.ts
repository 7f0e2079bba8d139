/** Where somebody starts the track, in the order in which content/ui lists them. */
export const STARTS = ['none', 'devops', 'senior', 'ml'] as const;
