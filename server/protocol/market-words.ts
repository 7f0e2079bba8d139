/** The closed lists of the worksheet, apart from its schemas: pages that only name them ship no validator. */

/** What a listing's figures are for. Contractors are paid by the hour more often than by the year. */
export const PAY_PERIODS = ['year', 'month', 'hour'] as const;
export const LISTING_LEVELS = ['junior', 'mid', 'senior', 'staff', 'unknown'] as const;
