# Batch has 48 requests under way while chat is asked twice a second.
vllm bench serve --base-url http://batch.foothold.test --model batch --random-input-len 400 --random-output-len 200 \
  --max-concurrency 48 --num-prompts 720 > /tmp/batch.txt &
sleep 5
echo "== chat"
vllm bench serve --base-url http://chat.foothold.test --model chat --random-input-len 300 --random-output-len 120 --random-range-ratio 0.5 \
  --request-rate 2 --num-prompts 60 --metric-percentiles 95
wait
echo "== batch"
grep -E 'Successful|Output token throughput' /tmp/batch.txt
