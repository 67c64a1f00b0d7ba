"""Commands on pages that need more than the scripted model."""

NEEDS = {
    "a key": ("tempkit run promptfooconfig.yaml -t 0:1:0.25",),
    "a log of llm": ("tempkit import '~/.config/io.datasette.llm/logs.db'",),
    "a batch API": (
        "tempkit run experiment.yaml --batch",
        "tempkit run prompts/chatbot.prompty -m openai:gpt-5.4-mini -m anthropic:claude-haiku-4-5 -t 0:1:0.25 -n 20 --batch",
    ),
    "a PostgreSQL server": (
        "tempkit run experiment.yaml --shard 1/3 --db postgresql+psycopg://tempkit@db/runs",
        "tempkit run experiment.yaml --shard 2/3 --db postgresql+psycopg://tempkit@db/runs",
        "tempkit run experiment.yaml --shard 3/3 --db postgresql+psycopg://tempkit@db/runs",
    ),
    "a PostgreSQL server of somebody's": (
        "tempkit db merge postgresql://me@server/runs",
        "tempkit db copy --to postgresql://me@server/runs",
    ),
    "a run in parts": ("tempkit run --resume RUN --shard K/N",),
    "two models": ("tempkit choose questions.csv -m gguf:smollm2 -m gguf:/models/other.gguf",),
    "a model with more sampling parameters": (
        "tempkit choose questions.csv -m gguf:smollm2 --arm recommended",
        "tempkit choose questions.csv -m gguf:smollm2 --arm recommended --arm 0.7,top_p=0.9",
        "tempkit run 'Name a colour.' -m openai:gpt-7-sol -t 1 --arm 1,reasoning_effort=low --arm 1,reasoning_effort=high -n 20",
    ),
    "a GPU": (
        "tempkit run prompts/chatbot.prompty -m gguf:/models/llama.gguf,n_gpu_layers=-1,cache_type=q8_0 --memory 6GB",
    ),
    "a server": (
        "tempkit models openai:llama --base-url http://localhost:8080/v1",
        "tempkit probe openai:llama --base-url http://localhost:8080/v1 --json",
        "tempkit run prompts/chatbot.prompty -m openai:local --base-url http://localhost:8080/v1",
        "tempkit run --resume latest --base-url http://other:8000/v1",
        "tempkit run --resume RUN --base-url URL",
    ),
    "a model that reads given texts": (
        "tempkit measure RUN --reference MODEL",
        "tempkit measure RUN --reference gguf:smollm2",
        "tempkit measure latest --reference gguf:smollm2",
    ),
    "an embedder": (
        "tempkit measure RUN --embedder gguf:/path/to/embedding-model.gguf",
        "tempkit measure RUN --embedder openai:nomic-embed-text --base-url http://localhost:8080/v1",
        "tempkit measure RUN --embedder openai:text-embedding-3-small",
        "tempkit measure latest --embedder openai:nomic --base-url http://localhost:8080/v1",
        "tempkit measure latest --embedder openai:text-embedding-3-small",
    ),
    "a judge that agrees with itself": (
        "tempkit choose --judge",
        "tempkit choose stories.txt -m gguf:smollm2 --judge openai:gpt-5.4-mini --for creative-writing",
        "tempkit judge latest -m openai:gpt-5.4-mini --dry-run",
        "tempkit recommend latest --measure preference --margin 0.05",
    ),
    "people": (
        "tempkit rate --import ada.json ben.json",
        "tempkit rate latest -o pairs.html -t 0,0.7,1.3 --use-case creative-writing",
        "tempkit recommend latest --measure human_preference --margin 0.1",
    ),
    "a plug-in": (
        "tempkit export latest -o answers.md",
        "tempkit import answers.ltsv",
        "tempkit recommend latest --measure answer_letters --margin 5",
    ),
    "five answers to each question": (
        "tempkit recommend exam --measure accuracy --margin 0.05 --policy best-of:5 --scope these-items",
    ),
}
"""By what that is; `test_commands_elsewhere` executes them."""

ELSEWHERE = {line for lines in NEEDS.values() for line in lines}
"""All of them."""
