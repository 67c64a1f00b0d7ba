"""Choose a temperature by a measure of one's own: replies that keep to ten words.

Writes runs.db and report.html into the current folder. Name a model to ask another one than the bundled:

    python own_measure.py openai:gpt-5.4-mini
"""

import sys

import tempkit


@tempkit.add_measure(title="Replies of at most ten words", direction="higher", low=0, high=1)
def brief(answer):
    """1 where the reply keeps to ten words, else 0."""
    return float(len(answer.text.split()) <= 10)


def main(model="gguf:smollm2"):
    places = ["Paris", "Rome", "Cairo", "Tokyo", "Lima", "Oslo"]
    run = tempkit.sweep(
        [{"question": f"In one short sentence: what is {place} known for?"} for place in places],
        models=model,
        temperatures="0,0.7,1.4",
        repeat=2,
        max_tokens=24,
        use_case="chatbot",
        db="runs.db",
    )
    found = run.decide(measure="brief", margin=0.2)
    print(found)
    print(f"temperature {found.temperature:g}, {len(run.answers())} answers")
    run.report("report.html", measure="brief", margin=0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
