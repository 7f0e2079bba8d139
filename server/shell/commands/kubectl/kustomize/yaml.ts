/** YAML as kustomize reads it: y, yes and on are text. */
import { parseYaml } from '../yaml-in.ts';

export const readYaml = (text: string): unknown => parseYaml(text, { onlyTrueAndFalse: true });
