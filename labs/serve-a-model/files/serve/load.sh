vllm bench serve --base-url http://llm.foothold.test --model llama-3.1-8b \
  --random-input-len 500 --random-output-len 150 --random-range-ratio 0.5 \
  --request-rate 4 --num-prompts 160 --metric-percentiles 95
