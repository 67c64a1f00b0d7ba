#!/usr/bin/env bash
# A CI job: does the new limit on tokens lose anything, and is the temperature settled well enough?
# Usage: gate.sh QUESTIONS.csv MODEL [GRADE]. Exits with 4 where no decision is graded at least GRADE (shown or likely).
set -euo pipefail

questions=$1 model=$2 grade=${3:-likely}
export TEMPKIT_DB=gate.db

for limit in 8 16; do
  tempkit run "$questions" --model "$model" -t 0,0.7,1.4 -n 2 --max-tokens "$limit" --use-case technical-documentation --name "limit-$limit"
done

# Both on one page, and every number for a later step of the job.
tempkit report limit-8 limit-16 -o gate.html
tempkit recommend limit-16 --json >gate.json
tempkit export limit-16 -o gate.csv

tempkit recommend limit-16 --require "$grade"
