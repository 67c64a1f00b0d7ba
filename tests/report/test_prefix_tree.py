"""The tree of samples: every sample is a path, counts add up everywhere, nothing is lost, and no size makes it fall over."""

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hostile_strings import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from tempkit.report.divergence.branches import ROWS, Branch, Fork, Rest, Segment, layout
from tempkit.report.divergence.prefix_tree import Node, Strand, first_logprob, fork_entropy, grow
from tempkit.text.token_bytes import text_of
from tempkit.types import FinishReason, LogprobKind, TokenLogprob

COLUMNS = 3


def token(text: str, logprob: float | None = -0.5, **more: Any) -> TokenLogprob:
    return TokenLogprob(text, logprob, **more)


def strand(
    texts: Sequence[str],
    column: int = 0,
    replicate: int = 0,
    count: int = 1,
    finish: FinishReason = "stop",
    kind: LogprobKind = "raw",
) -> Strand:
    return Strand(
        column=column,
        replicate=replicate,
        count=count,
        tokens=tuple(token(text) for text in texts),
        finish=finish,
        kind=kind,
    )


@st.composite
def some_strands(draw: st.DrawFn, alphabet: str | Sequence[str] = "ab", most: int = 24) -> list[Strand]:
    drawn = draw(
        st.lists(
            st.tuples(
                st.lists(st.sampled_from(alphabet), max_size=7),
                st.integers(0, COLUMNS - 1),
                st.integers(1, 4),
                st.sampled_from(["stop", "stop", "length"]),
            ),
            min_size=1,
            max_size=most,
        )
    )
    return [strand(texts, column, i, count, finish) for i, (texts, column, count, finish) in enumerate(drawn)]  # type: ignore[arg-type]


def paths(strands: Sequence[Strand], root: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield every node with the tokens from the root to its end."""
    waiting = [((), root)]
    while waiting:
        before, node = waiting.pop()
        run = strands[node.passing[0]].tokens[node.start : node.end]
        path = (*before, *(each.text for each in run))
        yield path, node
        waiting += [(path, child) for child in node.children]


Found = Counter[tuple[tuple[str, ...], str, int]]


def given_samples(strands: Sequence[Strand]) -> Found:
    found: Found = Counter()
    for each in strands:
        found[tuple(token.text for token in each.tokens), each.finish, each.column] += each.count
    return found


@settings(deadline=None)
@given(some_strands())
def test_every_sample_is_a_path_and_nothing_is_lost(strands: list[Strand]) -> None:
    root = grow(strands, COLUMNS)
    found: Found = Counter()
    for path, node in paths(strands, root):
        for finish, counts in node.endings.items():
            found += Counter({(path, finish, column): n for column, n in enumerate(counts)})
    assert found == given_samples(strands)


@settings(deadline=None)
@given(some_strands())
def test_counts_add_up_and_runs_are_as_long_as_can_be(strands: list[Strand]) -> None:
    root = grow(strands, COLUMNS)
    assert root.n == sum(each.count for each in strands)
    for node in root.below():
        parts = [child.counts for child in node.children] + list(node.endings.values())
        assert node.counts == tuple(map(sum, zip(*parts, strict=True)))
        assert not (len(node.children) == 1 and not node.endings), "a run that could go on"
        firsts = [strands[child.passing[0]].tokens[node.end].text for child in node.children]
        assert len(set(firsts)) == len(firsts)
        assert node is root or node.end > node.start


@settings(deadline=None)
@given(some_strands(), st.randoms())
def test_the_order_of_the_samples_does_not_matter(strands: list[Strand], random: Any) -> None:
    shuffled = random.sample(strands, len(strands))
    assert layout(strands, grow(strands, COLUMNS)) == layout(shuffled, grow(shuffled, COLUMNS))


# The layout


def together(rest: Rest) -> tuple[int, ...]:
    return rest.counts or (0,) * COLUMNS


def check_trunk(branch: Branch, depth: int = 0) -> tuple[int, int, int]:
    """Assert that a branch's counts add up; return how many lines it has, how deep it is, and how many samples end in it."""
    rows, deepest, ended = 0, depth, 0
    for i, segment in enumerate(branch):
        on = branch[i + 1] if i + 1 < len(branch) else None
        rows += 1 + bool(segment.passed.ways)
        left = tuple(n - out for n, out in zip(segment.counts, together(segment.passed), strict=True))
        if segment.fork is None:
            assert on is None
            assert sum(n for _how, n in segment.endings) == sum(left)
            ended += sum(left)
            continue
        fork = segment.fork
        assert on is not None
        assert not segment.endings
        rows += 1 + bool(fork.rest.ways)
        ways = [way[0].counts for way in fork.ways] + [on.counts, together(fork.rest)]
        assert left == tuple(map(sum, zip(*ways, strict=True)))
        for way in fork.ways:
            assert sum(way[0].counts) <= sum(on.counts), "the branch is where most samples go"
            more, deep, ends = check_trunk(way, depth + 1)
            rows, deepest, ended = rows + more, max(deepest, deep), ended + ends
    return rows, deepest, ended


@settings(deadline=None)
@given(some_strands(most=60), st.integers(2, 40))
def test_a_layout_keeps_to_its_lines_its_depth_and_its_counts(strands: list[Strand], most: int) -> None:
    branch = layout(strands, grow(strands, COLUMNS), most)
    rows, depth, _ended = check_trunk(branch)
    n = sum(each.count for each in strands)
    assert rows <= most
    assert depth <= math.log2(n)


@settings(deadline=None)
@given(some_strands())
def test_a_layout_with_room_shows_every_way(strands: list[Strand]) -> None:
    branch = layout(strands, grow(strands, COLUMNS), 10_000)
    assert check_trunk(branch)[2] == sum(each.count for each in strands)
    shown = Counter(read(branch))
    assert shown == Counter({(text, how): n for (text, how), n in samples_by_text(strands).items()})


def samples_by_text(strands: Sequence[Strand]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for each in strands:
        found["".join(token.text for token in each.tokens), each.finish] += each.count
    return found


def read(branch: Branch, before: str = "") -> dict[tuple[str, str], int]:
    """Return the samples as a reader finds them: the texts along the lines, and how they end."""
    found: Counter[tuple[str, str]] = Counter()
    for segment in branch:
        before += (segment.head or "") + segment.text
        assert not segment.cut
        found += Counter({(before, how): n for how, n in segment.endings})
        for way in segment.fork.ways if segment.fork else ():
            found += Counter(read(way, before))
    return found


def test_a_layout_by_hand() -> None:
    strands = [
        strand("abc", 0, 0, 4),
        strand("abd", 1, 0, 2),
        strand("ab", 1, 1, 1),
        strand("xy", 1, 2, 1, "length"),
    ]
    [top, middle, end] = layout(strands, grow(strands, 2))
    assert isinstance(top.fork, Fork)
    assert (top.head, top.text, top.counts, top.fork.position) == (None, "", (4, 4), 0)
    assert [lines(way) for way in top.fork.ways] == [[("x", "y", (0, 1), (("length", 1),))]]
    assert isinstance(middle.fork, Fork)
    assert (middle.head, middle.text, middle.counts, middle.fork.position) == ("a", "b", (4, 3), 2)
    assert [lines(way) for way in middle.fork.ways] == [
        [("d", "", (0, 2), (("stop", 2),))],
        [(None, "", (0, 1), (("stop", 1),))],
    ]
    assert lines((end,)) == [("c", "", (4, 0), (("stop", 4),))]


def lines(branch: Branch) -> list[tuple[str | None, str, tuple[int, ...], object]]:
    return [(each.head, each.text, each.counts, each.endings) for each in branch]


def test_one_text_is_one_line_however_it_ends() -> None:
    strands = [strand("abc", count=2), strand("abc", replicate=2, finish="length")]
    [line] = layout(strands, grow(strands, 1))
    assert line.endings == (("length", 1), ("stop", 2))
    assert line.fork is None


def test_ways_are_counted_where_there_are_too_many() -> None:
    strands = [strand([f"way {i}", "x"], i % COLUMNS, i) for i in range(200)]
    branch = layout(strands, grow(strands, COLUMNS))
    rows, _depth, _ended = check_trunk(branch)
    assert rows <= ROWS
    assert branch[0].fork is not None
    assert branch[0].fork.rest.ways == sum(branch[0].fork.rest.counts) == 200 - 1 - len(branch[0].fork.ways)


def test_forks_are_passed_over_where_there_are_too_many() -> None:
    trunk_text = [str(i) for i in range(300)]
    strands = [strand(trunk_text, 0, 0, 50)]
    strands += [strand([*trunk_text[:i], "off"], 1, i) for i in range(300)]
    branch = layout(strands, grow(strands, COLUMNS))
    assert check_trunk(branch)[0] <= ROWS
    assert branch[0].passed == Rest(ways=300, counts=(0, 300, 0))


# What is long


def test_long_texts_are_shortened_but_not_lost_sight_of() -> None:
    words = [f" w{i}" for i in range(1000)]
    strands = [strand([*words, " one"]), strand([*words, " two", *words], replicate=1)]
    [top, *_] = branch = layout(strands, grow(strands, 1))
    assert top.cut
    assert top.tokens == 1000
    assert top.text.startswith(" w0 w1")
    assert top.tail.endswith(" w998 w999")
    [way] = top.fork.ways if top.fork else ()
    assert {branch[1].head, way[0].head} == {" one", " two"}
    two = next(each for each in (branch[1], way[0]) if each.head == " two")
    assert two.cut
    assert (two.text[:6], two.tail, len(two.text)) == (" w0 w1", "", 72)


def test_a_hundred_thousand_tokens_are_no_deeper_than_one() -> None:
    long = ["x"] * 100_000
    strands = [
        strand(long, count=3),
        strand([*long[:-1], "y"], replicate=1),
        strand(long[:50_000], replicate=2),
    ]
    root = grow(strands, COLUMNS)
    assert [node.end for node in root.below()] == [50_000, 99_999, 100_000, 100_000]
    assert check_trunk(layout(strands, root))[2] == 5
    chain = [strand(["x"] * i, replicate=i) for i in range(600)]  # each a prefix of the next: 600 nodes deep
    root = grow(chain, COLUMNS)
    assert len(list(root.below())) == 600
    assert check_trunk(layout(chain, root))[0] <= ROWS


class Counting(tuple[TokenLogprob, ...]):
    """Tokens that count how often one is looked at."""

    seen = 0

    def __getitem__(self, place: Any) -> Any:
        Counting.seen += 1
        return super().__getitem__(place)


@pytest.mark.parametrize("n", [2, 40])
def test_the_work_is_proportional_to_the_tokens(n: int) -> None:
    texts = [[*"abcdefghij" * 50, str(i % 7), *"rest" * 50] for i in range(n)]
    strands = [
        dataclasses.replace(strand([], replicate=i), tokens=Counting(token(text) for text in each))
        for i, each in enumerate(texts)
    ]
    Counting.seen = 0
    grow(strands, 1)
    assert Counting.seen <= 2 * sum(map(len, texts))


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(HOSTILE), max_size=3), min_size=1, max_size=8))
def test_hostile_texts_are_texts(texts: list[list[str]]) -> None:
    strands = [strand(each, replicate=i) for i, each in enumerate(texts)]
    branch = layout(strands, grow(strands, COLUMNS))
    assert check_trunk(branch)[2] == len(texts)


# Characters of several tokens


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (["\\xf0\\x9f", "\\xa6", "\\x9c!"], "🦜!"),
        ([" \\xe2\\x80", "\\xa6 and"], " … and"),
        (["half \\xf0\\x9f"], "half \\xf0\\x9f"),
        (["\\", "x", "e2\\x41"], "\\xe2\\x41"),
        (["\ud800"], "\ud800"),
    ],
)
def test_bytes_become_characters(tokens: list[str], text: str) -> None:
    assert text_of([token(each) for each in tokens]) == text


def test_a_way_begins_with_a_whole_character() -> None:
    strands = [strand(["\\xf0\\x9f", "\\xa6\\x9c", "!"]), strand(["a"], replicate=1, count=2)]
    [top, _a] = layout(strands, grow(strands, 1))
    assert top.fork is not None
    assert [(each.head, each.text) for each in top.fork.ways[0]] == [("🦜", "!")]


# Probabilities


TOP = (("a", math.log(0.5)), ("b", math.log(0.3)))


def fork_of(*given: tuple[str, int, LogprobKind, dict[str, Any]]) -> tuple[list[Strand], Node]:
    strands = [
        Strand(column=column, replicate=i, count=1, tokens=(token(text, **more),), finish="stop", kind=kind)
        for i, (text, column, kind, more) in enumerate(given)
    ]
    return strands, grow(strands, COLUMNS)


def test_entropy_is_that_of_any_sample_at_the_fork() -> None:
    strands, root = fork_of(("a", 0, "raw", {}), ("b", 1, "raw", {"entropy": 1.25}))
    assert fork_entropy(strands, root) == (1.25, 1.25)


def test_entropy_within_bounds_where_only_the_most_probable_are_known() -> None:
    strands, root = fork_of(("a", 0, "raw", {"top": TOP}), ("b", 1, "raw", {}))
    found = fork_entropy(strands, root)
    assert found is not None
    low, high = found
    known = -0.5 * math.log(0.5) - 0.3 * math.log(0.3)
    assert low == pytest.approx(known - 0.2 * math.log(0.2))  # the rest is one token
    assert high == pytest.approx(known - 0.2 * math.log(0.2 / (300_000 - 2)))  # spread over all others


def test_what_nobody_told_is_not_known() -> None:
    strands, root = fork_of(
        ("a", 0, "raw", {"logprob": -9999.0, "entropy": math.nan}), ("b", 1, "raw", {"logprob": None})
    )
    assert fork_entropy(strands, root) is None
    assert [first_logprob(strands, root, child.passing) for child in root.children] == [None, None]


@pytest.mark.parametrize("kind", ["tempered", "unknown"])
def test_other_kinds_count_only_within_one_temperature(kind: LogprobKind) -> None:
    known: dict[str, Any] = {"entropy": 1.0, "top": TOP}
    strands, root = fork_of(("a", 0, kind, known), ("b", 1, kind, known))
    assert fork_entropy(strands, root) is None
    assert first_logprob(strands, root, root.children[0].passing) is None
    strands, root = fork_of(("a", 1, kind, known), ("b", 1, kind, known))
    assert fork_entropy(strands, root) == (1.0, 1.0)
    assert first_logprob(strands, root, root.children[0].passing) == -0.5
    strands, root = fork_of(("a", 1, kind, {"top": TOP}), ("b", 1, kind, {"top": TOP}))
    assert fork_entropy(strands, root) is None  # bounds are for raw probabilities
    strands, root = fork_of(("a", 1, kind, known), ("b", 1, "raw", {"entropy": 2.0}))
    assert fork_entropy(strands, root) == (2.0, 2.0)
    assert first_logprob(strands, root, root.children[0].passing) is None


def test_segments_are_frozen() -> None:
    [segment] = layout([strand("a")], grow([strand("a")], 1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        segment.text = ""  # type: ignore[misc]
    assert isinstance(segment, Segment)
