/** The model hub as far as a start sees it: which repositories exist, which are gated, how large they are, what a refused download says. */
import { parsePrecision, type Weights } from '../../serving/deployment.ts';
import { weightBytes } from '../../serving/memory.ts';
import { findModel, type ModelSpec } from '../../serving/models.ts';
import type { FileSystem } from '../program.ts';
import { hash } from './tokens.ts';

/** Organisations that publish what `serving/models.ts` knows. A repository of anybody else does not exist. */
const ORGANISATIONS = new Set(
	'meta-llama Qwen mistralai google openai deepseek-ai codellama 01-ai microsoft facebook NousResearch neuralmagic RedHatAI nvidia TheBloke hugging-quants unsloth casperhansen TinyLlama HuggingFaceTB HuggingFaceH4 ibm-granite tiiuae bigcode bigscience EleutherAI THUDM zai-org CohereForAI databricks allenai moonshotai internlm baichuan-inc openai-community lmsys upstage mosaicml teknium solidrust ISTA-DASLab nm-testing'
		.split(' ')
		.map((o) => o.toLowerCase()),
);
const GATED =
	/^(meta-llama\/|google\/gemma|mistralai\/(Mistral-7B-Instruct-v0\.3|Mixtral-8x22B|Mistral-Large|Mistral-Small|Mistral-Nemo|Ministral|Codestral)|CohereForAI\/|databricks\/)/i;
/** Rate of a download, bytes per virtual ms: 15 GiB in about a minute. */
const DOWNLOAD = 260_000;

export interface Repository {
	readonly name: string;
	readonly model: ModelSpec;
	readonly weights: Weights;
	/** Method in config.json's quantization_config, as vLLM names it. */
	readonly method?: string;
	readonly bytes: number;
	readonly gated: boolean;
	readonly revision: string;
}

/** What config.json says of quantised weights, by the words in the repository's name. */
function published(name: string, model: ModelSpec): { readonly weights: Weights; readonly method?: string } {
	const base = name.split('/').at(-1) ?? name;
	if (model.native === 'mxfp4') return { weights: 'mxfp4', method: 'mxfp4' };
	if (/awq/i.test(base)) return { weights: 'w4a16', method: 'awq' };
	if (/gptq/i.test(base)) return { weights: 'w4a16', method: 'gptq' };
	if (/w4a16|int4/i.test(base)) return { weights: 'w4a16', method: 'compressed-tensors' };
	if (/w8a8|int8/i.test(base)) return { weights: 'int8', method: 'compressed-tensors' };
	if (/nvfp4/i.test(base)) return { weights: 'nvfp4', method: 'modelopt' };
	if (/fp8/i.test(base)) return { weights: 'fp8', method: base.startsWith('Qwen') || model.native === 'fp8' ? 'fp8' : 'compressed-tensors' };
	if (model.native === 'fp8') return { weights: 'fp8', method: 'fp8' };
	return { weights: parsePrecision('bf16', model)?.weights ?? 'bf16' };
}

/** Repository by name; undefined where the hub has none. A path is a folder with config.json. */
export function repository(name: string): Repository | undefined {
	const [organisation = '', base = '', more] = name.split('/');
	if (more !== undefined) return undefined;
	// Models of the first days stand under no organisation: `gpt2`.
	if (base === '' && !/^(gpt2|distilgpt2)$/.test(name)) return undefined;
	if (base !== '' && !ORGANISATIONS.has(organisation.toLowerCase())) return undefined;
	return describe(name);
}

/** What a name says of the weights behind it. */
export function describe(name: string): Repository | undefined {
	const model = findModel(name);
	if (model === undefined) return undefined;
	const { weights, method } = published(name, model);
	const revision = [0, 1, 2, 3, 4].map((i) => hash(`${name}${i}`).toString(16).padStart(8, '0')).join('');
	return { name, model, weights, ...(method === undefined ? {} : { method }), bytes: weightBytes(model, weights), gated: GATED.test(name), revision };
}

export const downloadMs = (r: Repository): number => 1500 + r.bytes / DOWNLOAD;

const folder = (home: string, name: string): string => `${home}/hub/models--${name.replaceAll('/', '--')}`;

/** Where the cache lies: HF_HUB_CACHE, HF_HOME/hub, ~/.cache/huggingface/hub. */
export function cacheHome(env: { readonly [name: string]: string }, downloadDir: string | undefined): string {
	if (downloadDir !== undefined) return downloadDir;
	return env['HF_HOME'] ?? `${env['XDG_CACHE_HOME'] ?? `${env['HOME'] ?? '/root'}/.cache`}/huggingface`;
}

/** Whether a repository's snapshot lies in a cache. */
export function isCached(fs: FileSystem, home: string, r: Repository): boolean {
	return fs.stat(`${folder(home, r.name)}/snapshots/${r.revision}/model.safetensors.index.json`).ok;
}

/** Writes what a finished download leaves: names and pointers, not the gigabytes. The error's name where it can't be written. */
export function keepSnapshot(fs: FileSystem, home: string, r: Repository): string | undefined {
	const at = folder(home, r.name);
	const made = fs.mkdir(`${at}/snapshots/${r.revision}`, { parents: true });
	if (!made.ok) return made.error;
	fs.mkdir(`${at}/refs`, { parents: true });
	fs.write(`${at}/refs/main`, r.revision);
	const index = JSON.stringify({ metadata: { total_size: Math.round(r.bytes) } });
	fs.write(`${at}/snapshots/${r.revision}/config.json`, JSON.stringify({ _name_or_path: r.name, max_position_embeddings: r.model.maxLen }));
	const written = fs.write(`${at}/snapshots/${r.revision}/model.safetensors.index.json`, index);
	return written.ok ? undefined : written.error;
}

export type Access = 'granted' | 'no-token' | 'bad-token' | 'no-access';

/** What a token opens. Any `hf_` token counts as one whose owner has accepted the licence, but for those that say otherwise. */
export function access(r: Repository, token: string | undefined): Access {
	if (token === undefined || token.trim() === '') return r.gated ? 'no-token' : 'granted';
	if (!/^hf_\w{4,}$/.test(token.trim())) return 'bad-token';
	return r.gated && /noaccess|no_access|denied/i.test(token) ? 'no-access' : 'granted';
}

const url = (name: string): string => `https://huggingface.co/${name}/resolve/main/config.json`;
const requestId = (name: string): string => `Root=1-${hash(name).toString(16).padStart(8, '0')}-${hash(`${name}r`).toString(16).padStart(8, '0')}`;

/** The last lines of the traceback of a start whose model can't be had; models transformers' `cached_file` and huggingface_hub's errors. */
export function hubError(name: string, why: Exclude<Access, 'granted'> | 'missing' | 'offline' | 'unreachable'): string {
	const id = `(Request ID: ${requestId(name)};${hash(`${name}q`).toString(16)})`;
	switch (why) {
		case 'no-token':
			return `OSError: You are trying to access a gated repo.\nMake sure to have access to it at https://huggingface.co/${name}.\n401 Client Error. ${id}\n\nCannot access gated repo for url ${url(name)}.\nAccess to model ${name} is restricted. You must have access to it and be authenticated to access it. Please log in.`;
		case 'no-access':
			return `OSError: You are trying to access a gated repo.\nMake sure to have access to it at https://huggingface.co/${name}.\n403 Client Error. ${id}\n\nCannot access gated repo for url ${url(name)}.\nAccess to model ${name} is restricted and you are not in the authorized list. Visit https://huggingface.co/${name} to ask for access.`;
		case 'bad-token':
		case 'missing': {
			const advice =
				why === 'bad-token'
					? '\nInvalid credentials in Authorization header'
					: '\nIf you are trying to access a private or gated repo, make sure you are authenticated. For more details, see https://huggingface.co/docs/huggingface_hub/authentication\nInvalid username or password.';
			return `OSError: ${name} is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'\nIf this is a private repository, make sure to pass a token having permission to this repo either by logging in with \`hf auth login\` or by passing \`token=<your_token>\`\n401 Client Error. ${id}\n\nRepository Not Found for url: ${url(name)}.\nPlease make sure you specified the correct \`repo_id\` and \`repo_type\`.${advice}`;
		}
		case 'offline':
		case 'unreachable':
			return `OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files.\nCheck your internet connection or see how to run the library in offline mode at 'https://huggingface.co/docs/transformers/installation#offline-mode'.`;
	}
}
