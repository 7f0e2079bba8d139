/** JSON for a script that is no script: `<` is escaped so that no text can end it early. */
export const embedded = (data: unknown): string => JSON.stringify(data).replaceAll('<', '\\u003c');
