"""The summary in Markdown, read by a Markdown parser: what it says, and that nothing foreign in it is markup."""

import dataclasses
import re
from html.parser import HTMLParser

import msgspec
import pytest
from hostile_strings import HOSTILE
from markdown_it import MarkdownIt
from report_sample import Run
from report_situations import CASES, situation

from tempkit.report import Study, render_markdown, view
from tempkit.report.text.characters import plain
from tempkit.report.text.escaping import code, escaped
from tempkit.types import ModelSpec

OURS = {"h1", "h2", "p", "ul", "li", "hr", "table", "thead", "tbody", "tr", "th", "td", "code", "strong"} | {
    "details",
    "summary",
}
MORE = (
    "a | b || c",
    "@octocat and @org/team, me@example.invalid",
    "see #12, GH-34, owner/name#56",
    "https://example.invalid/x www.example.invalid ftp://x.invalid <https://example.invalid>",
    "[text](https://example.invalid) ![x](y.png) [ref]: /x",
    "# heading",
    "---",
    "- item\n- [ ] task",
    "1. one",
    "1)",
    "> quote",
    "    indented",
    "```\nfence\n```",
    "`code` and ``more`` and `",
    "*a* _b_ **c** ~~d~~ __e__",
    ":tada: $x^2$ $$y$$",
    "two  \nlines\r\nand\ttabs",
    "back\\slash \\| \\`",
    "&lt;b&gt; &#64;octocat &copy;",
    "+ plus",
    "= =",
    "|",
    " ",
    "\u202eabc",
)


class Read(HTMLParser):
    """The tags of a page, and its text in and outside of code."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.inside = 0
        self.coded: list[str] = []
        self.loose: list[str] = []
        parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        self.html = parser.render(markdown)
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert all(name == "style" and str(value).startswith("text-align:") for name, value in attrs)
        self.inside += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "code"

    def handle_data(self, data: str) -> None:
        (self.coded if self.inside else self.loose).append(data)


def assert_inert(read: Read) -> None:
    """Assert that there are no tags but ours, and nothing that GitHub would turn into a link, a picture or a notice."""
    assert set(read.tags) <= OURS
    for piece in read.loose:
        assert not re.search(r"@\w|#\d|GH-\d|://|www\.\w|:\w+:", piece, re.IGNORECASE)


def said(text: str) -> str:
    """Return what a reader should see of a text."""
    return " ".join("".join(c if c.isprintable() else " " for c in plain(text)).split())


@pytest.mark.parametrize("text", [*HOSTILE, *MORE])
def test_a_text_shows_as_it_is_and_is_no_markup(text: str) -> None:
    wanted = said(text)
    wanted = wanted if len(wanted) <= 400 else wanted[:399] + "…"
    for form in ("{}", "- {}", "| § |\n| -- |\n| {} |", "## {}"):
        read = Read(form.format(escaped(text)))
        assert_inert(read)
        assert not read.coded
        assert "".join(read.loose).replace("\u200b", "").replace("§\n", "").strip() == wanted
        assert {"{}": set(), "- {}": {"ul", "li"}, "## {}": {"h2"}}.get(form, OURS) >= set(read.tags) - {"p"}


@pytest.mark.parametrize("text", [*HOSTILE, *MORE])
def test_a_name_is_code_and_as_it_is(text: str) -> None:
    wanted = said(text)
    wanted = wanted if len(wanted) <= 120 else wanted[:119] + "…"
    for form in ("{}", "| x |\n| -- |\n| {} |", "# Report: {}"):
        read = Read(form.format(code(text)))
        assert_inert(read)
        assert "".join(read.coded).replace("\u200b", "") == wanted
        assert read.tags.count("td") == form.count("--")


def test_a_hostile_run_gives_a_tame_summary(sample: Run) -> None:
    study, texts = sample.study, [*HOSTILE, *MORE]
    for start in range(0, len(texts), 4):
        four = [*texts[start : start + 4], *texts[:4]][:4]
        run = dataclasses.replace(
            study.comparison.run, name=four[0], id=four[1], version=four[2], status=four[3], planned=10_000
        )
        decisions = [
            dataclasses.replace(
                each,
                profile=msgspec.structs.replace(each.profile, title=text, tie_why=text),
                measure=text if each.measure else None,
            )
            for each, text in zip(study.decisions, four, strict=True)
        ]
        read = Read(
            render_markdown(
                [
                    dataclasses.replace(
                        study,
                        comparison=dataclasses.replace(study.comparison, run=run),
                        decisions=decisions,
                    )
                ]
            )
        )
        assert_inert(read)
        assert (read.tags.count("h1"), read.tags.count("h2")) == (1, 4)
        tables = [table for card in view([study])["cards"] for table in card["standing"]]
        assert read.tags.count("td") == 4 * sum(len(table["rows"]) for table in tables)
        text = "".join([*read.loose, *read.coded]).replace("\u200b", "")
        assert all(said(each)[:399] in text for each in four)


def test_it_says_what_the_cards_say(sample: Run) -> None:
    data = view([sample.study])
    read = Read(render_markdown([sample.study]))
    text = "".join([*read.loose, *read.coded]).replace("\u200b", "")
    assert read.tags.count("h1") == 1
    assert read.tags.count("h2") == len(data["cards"]) == 4
    for card in data["cards"]:
        for part in ("first", "because", "risk", "next", "more"):
            assert all(said(sentence) in text for sentence in card[part])
        assert all(said(command["line"]) in text for command in card["commands"])
        for row in (row for table in card["standing"] for row in table["rows"]):
            assert said(row["mean"]) in text
            assert said(row["cost"]) in text
        assert said(f"{card['verdict']} {card['marks']} {card['word']}") in text
    parts = [card[part] for card in data["cards"] for part in ("first", "because", "risk", "next")]
    entries = [entry for card in data["cards"] for entry in (*card["commands"], *card["more"])]
    assert read.tags.count("li") == sum(1 + len(part) for part in parts if part) + len(entries)
    assert read.tags.count("details") == sum(bool(card["more"]) for card in data["cards"])
    assert "tempkit 0.1.0" in text
    assert "01JTEMPKIT0000000000000001" in text
    assert len(render_markdown([sample.study])) < 10_000


def test_a_card_of_few_questions_and_a_run_without_answers(hand: Run) -> None:
    text = render_markdown([hand.study])
    (card,) = view([hand.study])["cards"]
    assert f"**{card['verdict']}** {card['marks']} {card['word']}" in text
    assert "- **First**\n  - Only 2 questions were asked; from fewer than 5 nothing can be concluded" in text
    nothing = render_markdown([dataclasses.replace(hand, completions=(), failures=()).study])
    assert "**Unfinished run.** 12 of 12 planned answers are not there yet" in nothing


@pytest.mark.parametrize("name", CASES)
def test_every_situation_reads_as_markdown(name: str) -> None:
    study = situation(name)
    read = Read(render_markdown([study]))
    assert_inert(read)
    assert read.tags.count("h2") == len(study.decisions)
    text = "".join([*read.loose, *read.coded]).replace("\u200b", "")
    for card in view([study])["cards"]:
        assert said(card["verdict"]) in text


def test_two_runs_of_one_model_are_told_apart(sample: Run) -> None:
    text = render_markdown([sample.study, _renamed(sample.study, "after")])
    assert "`gguf:smollm2 · facts-and-ideas`" in text
    assert "`gguf:smollm2 · after`" in text
    order = re.findall(r"^## (.*?),", text, re.MULTILINE)
    assert (
        order == ["Technical documentation"] * 4 + ["Brainstorming"] * 4
    )  # a use case's cards stand together


def _renamed(study: Study, name: str) -> Study:
    run = dataclasses.replace(study.comparison.run, name=name, id=name)
    return dataclasses.replace(study, comparison=dataclasses.replace(study.comparison, run=run))


def test_the_models_of_the_sample_are_those_of_the_headings(sample: Run) -> None:
    models: tuple[ModelSpec, ...] = sample.plan.models
    heads = [line for line in render_markdown([sample.study]).splitlines() if line.startswith("## ")]
    assert {line.split(", ")[-1] for line in heads} == {f"`{model.label}`" for model in models}
