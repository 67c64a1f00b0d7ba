"""`tempkit rate`: what it writes and says, what it takes back, and what follows for a decision."""

import json
import re
from pathlib import Path

import pytest
from rating_samples import MODEL, TEMPERATURES, a_plan, a_run, graded
from support import Cli, CliResult

from tempkit.rating.saved import VALUES
from tempkit.report.rating.rating_page import sheet_digest
from tempkit.store import Store


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "tempkit.db"
    with Store.open(path) as store:
        a_run(store)
    return path


def facts(done: CliResult) -> dict:
    assert done.code == 0, done.err
    return json.loads(done.out)


def page_data(path: Path) -> tuple[dict, str]:
    """Return what the page's script reads, and the digest that it puts into what it saves."""
    held = re.search(r'id="report-data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)[1]
    return json.loads(held), sheet_digest(held)


def fill(
    page: Path, to: Path, *, rater: str = "0123456789abcdef", name: str = "Ada", **changes: object
) -> Path:
    """Answer a page as somebody who sees which text is better, and save that as the page would."""
    data, digest = page_data(page)
    answers = {
        pair["code"]: "left" if int(pair["left"].split()[0]) > int(pair["right"].split()[0]) else "right"
        for pair in data["pairs"]
    }
    content = {
        "tempkit": "ratings",
        "version": 1,
        "sheet": data["sheet"],
        "digest": digest,
        "rater": {"id": rater, "name": name},
        "answers": answers,
    }
    to.write_text(json.dumps({**content, **changes}), encoding="utf-8")
    return to


def refused(done: CliResult, said: str, code: int = 2) -> None:
    assert done.code == code
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_page_is_written_with_what_it_can_show(cli: Cli, db: Path, tmp_path: Path) -> None:
    done = cli("rate", "-o", "pairs.html", "--pairs", "40")
    assert done.code == 0, done.err
    assert "Page of 40 pairs from run secret-tales: pairs.html" in done.out
    assert (
        "creative-writing on secret-model-name: 40 pairs of 12 questions; with an answer 20 at 0, 20 at 0.4375"
        in done.out
    )
    assert re.search(r"if it wins 60% of them: 0\.\d\d, 70% of them: 0\.\d\d", done.out)
    assert "tempkit rate --import" in done.out
    data, _ = page_data(tmp_path / "pairs.html")
    assert len(data["pairs"]) == 40
    with Store.open(db) as store:
        (sheet,) = store.sheets(store.find_run("latest").id)
    assert [pair.code for pair in sheet.pairs] == [pair["code"] for pair in data["pairs"]]
    assert sheet.digest == page_data(tmp_path / "pairs.html")[1]


def test_json_says_the_same(cli: Cli, db: Path) -> None:
    found = facts(cli("rate", "-o", "pairs.html", "--json", "-t", "0,1.3125", "--seed", "4"))
    assert (found["run"]["name"], found["pairs"], found["page"]) == (
        "secret-tales",
        24,
        "pairs.html",
    ) or found["pairs"] == 30
    (section,) = found["sections"]
    assert [each["temperature"] for each in section["pairs"]] == [0, 1.3125]
    assert [each["wins"] for each in section["power"]] == [0.6, 0.7, 0.8, 0.9]


def test_the_page_without_a_name_is_called_by_the_runs_id(cli: Cli, db: Path, tmp_path: Path) -> None:
    found = facts(cli("rate", "--json"))
    assert found["page"] == f"reports/{found['run']['id']}-pairs.html"
    assert (tmp_path / found["page"]).exists()


def test_raters_who_see_what_is_better_are_recovered(cli: Cli, db: Path, tmp_path: Path) -> None:
    cli("rate", "-o", "pairs.html", "--pairs", "48")
    fill(tmp_path / "pairs.html", tmp_path / "ada.json")
    fill(tmp_path / "pairs.html", tmp_path / "ben.json", rater="f" * 16, name="Ben")
    done = facts(cli("rate", "--import", "ada.json", "ben.json", "--json"))
    assert [(each["rater"], each["added"], each["known"], each["open"]) for each in done["files"]] == [
        ("Ada", 48, 0, 0),
        ("Ben", 48, 0, 0),
    ]
    found = done["results"][0]["ratings"]
    (section,) = found["sections"]
    chances = [level["chance"] for level in section["levels"]]
    assert chances == sorted(chances, reverse=True)
    assert section["levels"][0]["low"] > 0.5 > section["levels"][3]["high"]
    assert found["agreement"]["alpha"] == 1
    assert [(each["name"], each["answers"]) for each in found["raters"]] == [("Ada", 48), ("Ben", 48)]
    (advice,) = json.loads(
        cli("recommend", "--measure", "human_preference", "--margin", "0.1", "--json").out
    )["decisions"]
    assert (advice["measure"], advice["pick"]) == ("human_preference", 0)
    assert advice["temperatures"][0]["mean"] > advice["temperatures"][3]["mean"]
    printed = cli("rate", "--results")
    assert "48 of 48 pairs are rated. Raters: Ada (48), Ben (48)." in printed.out
    assert "alpha 1.00" in printed.out


def test_the_same_file_changes_nothing_and_a_changed_mind_does(cli: Cli, db: Path, tmp_path: Path) -> None:
    cli("rate", "-o", "pairs.html", "--pairs", "20")
    path = fill(tmp_path / "pairs.html", tmp_path / "ada.json")
    facts(cli("rate", "--import", "ada.json", "--json"))
    with Store.open(db) as store:
        run = store.find_run("latest")
        before = (store.ratings(run.id), store.scores(run.id))
    again = facts(cli("rate", "--import", "ada.json", "ada.json", "--json"))
    assert [(each["added"], each["known"]) for each in again["files"]] == [(0, 20), (0, 20)]
    with Store.open(db) as store:
        assert (store.ratings(run.id), store.scores(run.id)) == before
    content = json.loads(path.read_text("utf-8"))
    (code, first), *_ = content["answers"].items()
    content["answers"] = {code: "tie"}
    path.write_text(json.dumps(content))
    changed = facts(cli("rate", "--import", "ada.json", "--json"))
    assert [(each["added"], each["known"], each["open"]) for each in changed["files"]] == [(1, 0, 19)]
    (rater,) = changed["results"][0]["ratings"]["raters"]
    assert (rater["answers"], rater["ties"]) == (20, 1)  # what is not in the file stays as it was
    with Store.open(db) as store:
        newest = store.ratings(run.id)[-1]
    assert newest.value == VALUES["tie"] != VALUES[first]


def test_what_people_say_survives_measuring_anew_and_stands_with_the_answers(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    cli("rate", "-o", "pairs.html", "--pairs", "40")
    fill(tmp_path / "pairs.html", tmp_path / "ada.json")
    cli("rate", "--import", "ada.json")
    assert cli("measure", "--anew", "--reference", "none").code == 0
    with Store.open(db) as store:
        scores = store.scores(store.find_run("latest").id, "human_preference")
    assert scores
    assert {score.version for score in scores} == {"judged 1 people"}
    assert cli("export", "latest", "-o", "scores.csv").code == 0
    assert "human_preference" in (tmp_path / "scores.csv").read_text("utf-8").splitlines()[0]


def test_a_use_case_can_go_by_what_people_prefer(cli: Cli, db: Path, tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(
        'name = "ours"\ntitle = "Ours"\nwants = "What people like."\nwhy = "They read it."\ntie = "lowest"\ntie_why = "it is steady"\n'
        '[[primary]]\nmeasure = "human_preference"\nmargin = 0.1\nwhy = "a tenth"\n'
    )
    cli("rate", "-o", "pairs.html", "--pairs", "48")
    fill(tmp_path / "pairs.html", tmp_path / "ada.json")
    cli("rate", "--import", "ada.json")
    (advice,) = json.loads(cli("recommend", "--use-case", "ours.toml", "--json").out)["decisions"]
    assert (advice["measure"], advice["pick"]) == ("human_preference", 0)
    assert cli("report", "--use-case", "ours.toml", "-o", "r.html").code == 0
    report = (tmp_path / "r.html").read_text("utf-8")
    assert "What people preferred" in report
    assert "Preferred by people" in report
    assert "Ada (48)" in report


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no file that a rating page saved"),
        ("[]", "is no file that a rating page saved"),
        ("\x00", "is no file that a rating page saved"),
        ("[" * 100_000, "is no file that a rating page saved"),
        ('{"tempkit": "ratings", "version": 2}', "was saved by the page of a newer tempkit"),
        ('{"tempkit": "ratings", "version": 1}', "is no file that a rating page saved"),
        (" " * (2**20 + 1), "is larger than 1 MiB"),
    ],
    ids=["empty", "list", "nul", "deep", "newer", "bare", "large"],
)
def test_what_is_no_saved_file_is_refused_in_a_line(
    cli: Cli, db: Path, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "odd.json").write_text(content)
    done = cli("rate", "--import", "odd.json")
    refused(done, f"odd.json: {said}")


def test_files_that_do_not_belong_here_are_refused_and_nothing_is_stored(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    cli("rate", "-o", "pairs.html", "--pairs", "12")
    good = fill(tmp_path / "pairs.html", tmp_path / "good.json")
    answers = json.loads(good.read_text("utf-8"))["answers"]
    for changes, said in (
        ({"sheet": "00ff00ff00ff00ff"}, "its page was not made from"),
        ({"digest": "00ff00ff00ff00ff"}, "its page was changed after tempkit wrote it"),
        (
            {"answers": {**answers, "abc": "left"}},
            "1 of its answers are to pairs that its sheet has not, such as abc",
        ),
        ({"answers": {next(iter(answers)): "better"}}, "is no file that a rating page saved"),
        ({"rater": {"id": "me", "name": ""}}, "is no file that a rating page saved"),
        ({"rater": {"id": "0" * 16, "name": "n" * 101}}, "is no file that a rating page saved"),
        ({"more": 1}, "is no file that a rating page saved"),
    ):
        fill(tmp_path / "pairs.html", tmp_path / "bad.json", **changes)
        refused(cli("rate", "--import", "good.json", "bad.json"), f"bad.json: {said}")
    with Store.open(db) as store:
        assert store.ratings(store.find_run("latest").id) == []
    refused(cli("rate", "--import", "nowhere.json"), "nowhere.json: cannot be read")
    refused(cli("rate", "--import", "."), ".: cannot be read: not a file")
    refused(cli("rate", "--import"), "no file is named")


def test_a_file_of_another_database_is_refused(cli: Cli, db: Path, tmp_path: Path) -> None:
    with Store.open(tmp_path / "other.db") as store:
        a_run(store)
    cli("rate", "-o", "pairs.html", "--pairs", "12", "--db", "other.db")
    fill(tmp_path / "pairs.html", tmp_path / "ada.json")
    refused(cli("rate", "--import", "ada.json"), "ada.json: its page was not made from tempkit.db")
    assert cli("rate", "--import", "ada.json", "--db", "other.db").code == 0


def test_wrong_wishes_are_said_in_a_line(cli: Cli, db: Path) -> None:
    for options, said, code in (
        (["nowhere"], "no run", 1),
        (["--pairs", "5000"], "--pairs must be from 1 to 1,000", 2),
        (
            ["--pairs", "800"],
            "pairs of different texts at two temperatures, fewer than the 800 asked for: --pairs",
            2,
        ),
        (["--pairs", "1"], "compared with no other temperature", 2),
        (["-t", "0.5"], "the run has no answers at 0.5; it has 0, 0.4375", 2),
        (["-t", "0"], "run secret-tales has them at one only", 2),
        (["--use-case", "chat"], "the run has no use case 'chat'", 2),
        (["-o", "pairs.txt"], "name it pairs.html", 2),
        (["--lang", "xx"], "there is no language 'xx'", 2),
        (["one", "two"], "one run at a time", 2),
        (["--import", "--results"], "leave out --results", 2),
    ):
        refused(cli("rate", *options), said, code)


def test_runs_with_nothing_to_rate_say_why(cli: Cli, tmp_path: Path) -> None:
    for name, plan, text, ends, said in (
        (
            "same",
            a_plan(items=6),
            lambda q, _t, _n: f"always {q}",
            None,
            "all answers of run secret-tales that could be compared say the same",
        ),
        (
            "single",
            a_plan(items=6, temperatures=(0.5,)),
            graded,
            None,
            "run secret-tales has them at one only",
        ),
        (
            "cut",
            a_plan(items=6),
            graded,
            dict.fromkeys(TEMPERATURES, "length"),
            "has them at one only (48 truncated at max_tokens)",
        ),
    ):
        with Store.open(tmp_path / f"{name}.db") as store:
            a_run(store, plan, text, ends)
        refused(cli("rate", "--db", f"{name}.db"), said)
    with Store.open(tmp_path / "empty.db") as store:
        store.create_run(a_plan(items=2), {}, version="1", environment={})
    refused(cli("rate", "--db", "empty.db"), "has no answers to rate yet")


def test_what_is_left_out_is_said(cli: Cli, tmp_path: Path) -> None:
    with Store.open(tmp_path / "tempkit.db") as store:
        a_run(store, ends={TEMPERATURES[3]: "length"})
    done = cli("rate", "-o", "pairs.html", "--pairs", "20")
    assert "Answers left out: 24 truncated at max_tokens." in done.out
    assert "1.3125" not in done.out


def test_equal_texts_count_as_ties_in_their_proportion(cli: Cli, tmp_path: Path) -> None:
    """At 0.4375 every second answer is that of 0, and elsewhere it is better: a win of a pair that differs counts half as much."""

    def text(question: int, temperature: float, replicate: int) -> str:
        return (
            f"{round(temperature)} better {question}" if temperature and replicate else f"0 plain {question}"
        )

    with Store.open(tmp_path / "tempkit.db") as store:
        a_run(store, a_plan(items=20, temperatures=(0.0, 1.0)), text)
    cli("rate", "-o", "pairs.html", "--pairs", "20")
    fill(tmp_path / "pairs.html", tmp_path / "ada.json")
    found = facts(cli("rate", "--import", "ada.json", "--json"))["results"][0]["ratings"]
    low, high = found["sections"][0]["levels"]
    assert (low["won"], high["won"]) == (0, 1)
    assert high["chance"] == pytest.approx(0.75, abs=0.01)


def test_nothing_was_rated_yet(cli: Cli, db: Path) -> None:
    assert "Nobody has rated anything" in cli("rate", "--results").out
    assert json.loads(cli("rate", "--results", "--json").out)["ratings"] is None


def test_names_cannot_reach_the_terminal_as_commands(cli: Cli, db: Path, tmp_path: Path) -> None:
    cli("rate", "-o", "pairs.html", "--pairs", "12")
    fill(tmp_path / "pairs.html", tmp_path / "ada.json", name="\x1b[31mAda\x07 " + MODEL)
    done = cli("rate", "--import", "ada.json")
    assert done.code == 0
    assert "\x1b" not in done.out + done.err
    assert "\x07" not in done.out
