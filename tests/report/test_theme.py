"""Templates and styles of a user's own: what they can change, and how they fail."""

from collections.abc import Callable
from pathlib import Path

import pytest
from report_sample import Run
from report_visit import Visit

from tempkit.errors import ReportError
from tempkit.report import render, render_markdown, write
from tempkit.report.theme import STYLES, overridable, shipped_folders

Open = Callable[..., Visit]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def test_an_empty_folder_changes_nothing(hand: Run, own: Path) -> None:
    (own / "README.txt").write_text("not a template")
    assert render([hand.study], own) == render([hand.study])
    assert render_markdown([hand.study], own) == render_markdown([hand.study])


def test_own_files_take_the_place_of_ours_one_by_one(hand: Run, own: Path, visit: Open) -> None:
    (own / "token_view.html.j2").write_text(
        '{% macro token_view() %}<dialog id="token-view"></dialog><p id="mine">{{ "<i>" }}{% include "_note.html.j2" %}</p>{% endmacro %}'
    )
    (own / "_note.html.j2").write_text(" kept by us")
    (own / "method.css").write_text(".page-foot { color: rgb(1, 2, 3); }")
    (own / "extra.css").write_text(
        "h1 { color: rgb(4, 5, 6); }\nbody { background: url(https://example.invalid/x.png); }"
    )
    path = own / "page.html"
    write(path, page := render([hand.study], own))
    assert page.index(".page-foot { color: rgb(1, 2, 3)") < page.index("h1 { color: rgb(4, 5, 6)")
    assert "The answers, question by question" in page  # what was not overridden is ours
    seen = visit(path, scripts=False)
    assert seen.page.locator("#mine").inner_text() == "<i> kept by us"
    colours = seen.page.evaluate(
        "() => ['h1', '.page-foot'].map((name) => getComputedStyle(document.querySelector(name)).color)"
    )
    assert colours == ["rgb(4, 5, 6)", "rgb(1, 2, 3)"]
    # The policy holds for styles of one's own, too.
    assert any("violates the following Content Security Policy" in line for line in seen.console)


def test_a_template_can_build_on_ours(hand: Run, own: Path) -> None:
    (own / "summary.md.j2").write_text("{{ view.title }} *ours*\n{% include 'tempkit/summary.md.j2' %}")
    text = render_markdown([hand.study], own)
    assert text.startswith("hand *ours*\n# Temperature report: `hand`\n")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cards.html.j2", "{# x #}\n{% if %}", "cards.html.j2:2: Expected an expression, got 'end of statement block'"),
        ("page.html.j2", "a\nb\n{{ view.nothing.at_all }}", "page.html.j2:3: 'dict object' has no attribute 'nothing'"),
        ("page.html.j2", "{{ 1 / 0 }}", "page.html.j2:1: division by zero"),
        ("page.html.j2", "{{ view | nothing }}", "page.html.j2:1: No filter named 'nothing'."),
        ("page.html.j2", "{{ view + 1 }}", "page.html.j2:1: unsupported operand"),
        ("page.html.j2", "\n{% include '../secret.txt' %}", "page.html.j2:2: ../secret.txt"),
        ("page.html.j2", "\n{% include '/etc/passwd' %}", "page.html.j2:2: "),
        ("page.html.j2", "{{ ''.__class__.__mro__ }}", "page.html.j2:1: access to attribute '__class__'"),
        ("page.html.j2", "{% set x = view.update({}) %}", "page.html.j2:1: "),
        ("card.html.j2", "x", "card.html.j2 overrides nothing (did you mean 'cards.html.j2'?)"),
        ("mine.css", "x", "mine.css overrides nothing"),
        ("page.html.j2", "\n<!DOCTYPE html>", "page.html.j2:2: <!DOCTYPE is not for templates: the page's policy"),
        ("cards.html.j2", "<Meta charset=x>", "cards.html.j2:1: <Meta is not for templates"),
        ("use_case.html.j2", "a\n<script\nsrc=x>", "use_case.html.j2:2: <script is not for templates"),
        ("page.html.j2", "x" * (2**20 + 1), "page.html.j2 is larger than 1 MiB; make it smaller"),
        ("extra.css", "a {}\n\nb {}</STYLE x", "extra.css:3: </STYLE would end the page's styles there; take it out"),
        ("base.css", "\udcff", "base.css is not UTF-8 text (byte 0); save it as UTF-8"),
    ],
)  # fmt: skip
def test_a_broken_one_is_one_line_with_its_place(
    hand: Run, own: Path, tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (own / name).write_text(content, errors="surrogateescape")
    with pytest.raises(ReportError) as caught:
        render([hand.study], own)
    assert str(caught.value).startswith(f"{own}/{message}")
    assert "\n" not in str(caught.value)


def test_a_link_is_followed_inside_the_folder_and_not_out_of_it(hand: Run, own: Path, tmp_path: Path) -> None:
    (own / "_note.html.j2").write_text("a note")
    (own / "method.css").symlink_to(own / "_styles.css")
    (own / "_styles.css").write_text(".x {}")
    (own / "_again.html.j2").symlink_to("_note.html.j2")
    (own / "summary.md.j2").write_text("{% include '_again.html.j2' %}")
    (own / "_styles.css").rename(own / "styles")
    (own / "method.css").unlink()
    (own / "method.css").symlink_to("styles")
    assert render_markdown([hand.study], own) == "a note"
    (tmp_path / "secret.txt").write_text("secret")
    for target in (
        tmp_path / "secret.txt",
        Path("../secret.txt"),
        Path("/etc/passwd"),
        Path("_loop.html.j2"),
        Path("none"),
    ):
        link = own / "_loop.html.j2"
        link.symlink_to(target)
        with pytest.raises(ReportError, match=r"_loop\.html\.j2 (is a link that leads out|cannot be read: )"):
            render_markdown([hand.study], own)
        link.unlink()


def test_what_stands_around_the_page_is_out_of_reach(hand: Run, own: Path) -> None:
    shipped = render([hand.study])
    (own / "page.html.j2").write_text("<p>all mine</p>{{ view.title }}")
    page = render([hand.study], own)
    head = shipped[: shipped.index("<style>")]
    assert page.startswith(head)
    assert "<p>all mine</p>hand" in page
    tail = shipped[shipped.index('<script type="application/json" id="report-data">') :]
    assert page.endswith(tail)
    for policy in ("{{ policy }}", "{{ script }}", "{{ css }}"):
        (own / "page.html.j2").write_text(policy)
        with pytest.raises(ReportError, match="is undefined"):
            render([hand.study], own)


def test_a_tag_that_is_put_together_is_found_in_what_is_drawn(hand: Run, own: Path) -> None:
    """In the page, and in an answer's markup, which the page's script may put there later."""
    for name, text in (
        ("page.html.j2", "{{ ('<me' ~ 'ta http-equiv=refresh>') | safe }}"),
        (
            "answers.html.j2",
            "{% macro item_answers(item, section) %}{{ ('<li' ~ 'nk>') | safe }}{% endmacro %}",
        ),
    ):
        (own / name).write_text(text)
        with pytest.raises(
            ReportError, match=r"own: the templates of this folder write <(meta|link), which is not"
        ):
            render([hand.study], own)
        (own / name).unlink()


def test_answers_that_look_like_tags_are_no_reason_to_refuse(hand: Run, own: Path) -> None:
    (own / "page.html.j2").write_text("{{ '<' ~ 'script>' }}<textarea>{{ '<' ~ 'meta>' }}</textarea>")
    assert "&lt;script&gt;" in render([hand.study], own)


def test_a_summary_of_ones_own_fails_the_same_way(hand: Run, own: Path) -> None:
    (own / "summary.md.j2").write_text("# x\n{{ view.nothing }}")
    with pytest.raises(
        ReportError, match=r"summary\.md\.j2:2: 'dict object' has no attribute 'nothing'; mend it"
    ):
        render_markdown([hand.study], own)


def test_a_folder_that_is_none(hand: Run, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"no folder of templates at .*--templates takes a folder"):
        render([hand.study], tmp_path / "nowhere")


def test_the_list_is_what_there_is(own: Path) -> None:
    listed = overridable()
    templates, styles = shipped_folders()
    there = {path.name for folder in (templates, styles) for path in folder.iterdir()}
    assert set(listed) == there | {"extra.css"}
    assert {f"{name}.css" for name in STYLES} == {path.name for path in styles.iterdir()}
    assert all(listed.values()), "each file says in its first line what it is"


def test_copies_of_ours_change_nothing(hand: Run, own: Path) -> None:
    for folder in shipped_folders():
        for path in folder.iterdir():
            (own / path.name).write_bytes(path.read_bytes())
    assert render([hand.study], own) == render([hand.study])
    assert render_markdown([hand.study], own) == render_markdown([hand.study])
