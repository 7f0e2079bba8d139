/** Points with one decimal at most: 70, 66.7. */
export const formatScore = (score: number): string => String(Math.round(score * 10) / 10);

/** How long something took, as a person says it. */
export const duration = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
