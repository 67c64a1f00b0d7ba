"""Any plan, with the ways in which it can grow, for hypothesis."""

from hypothesis import strategies as st

from tempkit.types import Design, Item, Message, ModelSpec, Plan, Prompt, SamplingParams, TopUp

MODELS = ("m", "n")
GRID = (0.0, 0.4, 0.8, 1.2)
FINER = (0.2, 0.6, 1.0)


def item(prompt: str, number: int) -> Item:
    return Item(key=f"{prompt}/{number}", prompt=prompt, messages=(Message("user", f"{prompt} {number}?"),))


def plan_of(
    sizes: dict[str, int], *, models: int = 1, grid: tuple[float, ...] = GRID, repeat: int = 2, seed: int = 0
) -> Plan:
    """A plan of prompts with so many items each, by a design."""
    return Plan(
        name="any",
        prompts=tuple(
            Prompt(name=name, use_case="general", items=tuple(item(name, n) for n in range(size)))
            for name, size in sizes.items()
        ),
        models=tuple(ModelSpec(backend="scripted", name=m, label=m) for m in MODELS[:models]),
        temperatures=grid,
        repeat=repeat,
        seed=seed,
        sampling={name: SamplingParams() for name in sizes},
        design=Design(looks=8, pool=dict(sizes)),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    names = draw(st.sampled_from([("p",), ("p", "q")]))
    return plan_of(
        {name: draw(st.integers(1, 4)) for name in names},
        models=draw(st.integers(1, 2)),
        grid=GRID[: draw(st.integers(1, 4))],
        repeat=draw(st.integers(1, 3)),
        seed=draw(st.integers(0, 5)),
    )


@st.composite
def growths(draw: st.DrawFn, plan: Plan, number: int | None) -> tuple[list[TopUp], dict[str, list[Item]]]:
    """More for a plan: new items and temperatures, and who gets how many."""
    new = {
        prompt.name: [item(prompt.name, len(prompt.items) + n) for n in range(draw(st.integers(0, 2)))]
        for prompt in plan.prompts
    }
    topups = []
    for _ in range(draw(st.integers(0, 3))):
        names = draw(st.lists(st.sampled_from([p.name for p in plan.prompts]), min_size=1, unique=True))
        keys = [each.key for p in plan.prompts if p.name in names for each in (*p.items, *new[p.name])]
        topups.append(
            TopUp(
                model=draw(st.sampled_from([m.label for m in plan.models])),
                prompts=tuple(names),
                temperatures=tuple(
                    draw(st.lists(st.sampled_from((*GRID, *FINER)), min_size=1, max_size=3, unique=True))
                ),
                repeat=draw(st.integers(1, 6)),
                items=draw(st.none() | st.lists(st.sampled_from(keys), unique=True).map(tuple)),
                round=number,
            )
        )
    return topups, new
