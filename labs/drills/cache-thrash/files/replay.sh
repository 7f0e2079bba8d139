vllm bench serve --base-url http://llm.foothold.test --model llama-3.1-8b --random-input-len 1000 --random-output-len 300 --max-concurrency 110 --num-prompts 220
