/** Which of vLLM's model classes serves a model. */

const ARCHITECTURES: readonly (readonly [RegExp, string])[] = [
	[/^Qwen3.*A\d/, 'Qwen3MoeForCausalLM'],
	[/^Qwen3/, 'Qwen3ForCausalLM'],
	[/^Qwen2/, 'Qwen2ForCausalLM'],
	[/^Mixtral/, 'MixtralForCausalLM'],
	[/^(Mistral|Ministral)/, 'MistralForCausalLM'],
	[/^gpt-oss/, 'GptOssForCausalLM'],
	[/^DeepSeek-V/, 'DeepseekV3ForCausalLM'],
	[/^Gemma-3/, 'Gemma3ForConditionalGeneration'],
	[/^Gemma-2/, 'Gemma2ForCausalLM'],
	[/^Gemma/, 'GemmaForCausalLM'],
	[/^Phi/, 'Phi3ForCausalLM'],
	[/^OPT/, 'OPTForCausalLM'],
	[/^Falcon/, 'FalconForCausalLM'],
	[/^GPT-2/, 'GPT2LMHeadModel'],
];

export const architecture = (id: string): string => ARCHITECTURES.find(([p]) => p.test(id))?.[1] ?? 'LlamaForCausalLM';
