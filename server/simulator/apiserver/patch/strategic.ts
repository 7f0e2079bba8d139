export { mergePatch as strategicMergePatch } from './merge.ts';
