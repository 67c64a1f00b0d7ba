"""The rounds of `choose`: ask, measure, decide, and ask more where that could decide."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tempkit.adaptive import (
    LOOKS,
    Contest,
    Rounds,
    Size,
    contest_of,
    following,
    pool_of,
    sizes_of,
    topups_for,
    with_companions,
)
from tempkit.analysis import ScoredSection, load_tables, use_cases
from tempkit.api import measuring
from tempkit.api.choice_again import with_longer_answers
from tempkit.api.choice_judge import RoundsJudge, further, notes_of, tried_on, without
from tempkit.api.choice_result import (
    Chosen,
    Dropped,
    OnRound,
    RoundDone,
    Stopped,
    grade_of,
    leader_of,
    reasons_of,
)
from tempkit.api.database import OnNote, OnProgress, find_run
from tempkit.api.deciding import decided
from tempkit.api.sampling import note_failures
from tempkit.decision import Asked, Decision
from tempkit.errors import LimitReached, UsageError
from tempkit.measures import known
from tempkit.planning import Consent
from tempkit.running import Limits, Progress, SilentProgress, resume, start
from tempkit.store import RunRecord, Store
from tempkit.types import Budget, Item, Plan, Prompt, TopUp

__all__ = ["Chooser"]


@dataclass(kw_only=True)
class Chooser:
    """One run of `choose`; begun with `begin`, or with `take_up` where it is stored already."""

    store: Store
    asked: Asked
    limits: Limits
    consent: Consent
    pool: dict[str, list[Item]]
    deadline: float | None
    budget: Budget | None = None
    progress: Progress | None
    on_round: OnRound
    on_note: OnNote
    on_progress: OnProgress
    _record: RunRecord = field(init=False)
    _ended: LimitReached | None = field(init=False, default=None)
    _racing: dict[str, set[tuple[str, float]]] = field(init=False, default_factory=dict)
    _planned: tuple[list[TopUp], dict[str, list[Item]]] = field(init=False, default_factory=lambda: ([], {}))
    _over: set[str] = field(init=False, default_factory=set)
    _drawn: int = field(init=False, default=0)
    _seconds: float = field(init=False, default=0.0)
    _judging: RoundsJudge = field(init=False)

    def __post_init__(self) -> None:
        self._judging = RoundsJudge(
            store=self.store, concurrency=self.limits.concurrency, progress=self._shown()
        )

    def begin(self, plan: Plan) -> None:
        """Carry out the first round of a new run."""
        begun = time.monotonic()
        some = None if plan.design is None or plan.design.judge is None else tried_on(plan)
        try:
            self._record = start(plan, self.store, self._shown(), replace(self._limited(), items=some)).run
        except LimitReached as e:
            if e.run_id is None:
                raise
            self._ended, self._record = e, self.store.find_run(e.run_id)
        self._count(begun, 0)
        if some is not None and self._ended is None:
            # A judge that is none is found out before most of the answers are paid for.
            self._judge(plan)
            if self._ended is None:
                self._draw(())

    def take_up(self, record: RunRecord) -> None:
        """Do what a stored run still owes."""
        self._record = record
        owed = record.planned > record.completions + record.failures
        if owed:
            self._judge(self.store.load_plan(record.id))
        if (owed or self.budget is not None) and self._ended is None:
            self._draw(())

    def to_the_end(self) -> Chosen:
        """Go on in rounds until every use case is decided, or nothing more can be drawn."""
        while True:
            done = self._decided()
            fresh = [each for each in done if each.use_case not in self._over]
            self._over.update(each.use_case for each in done if each.stopped is not None)
            if self._ended is None and all(each.number == 1 for each in done):
                racing = {pair for each in self._racing.values() for pair in each}
                again = with_longer_answers(
                    self.store, self._record, racing, self.budget, self.on_note, self._costs()
                )
                if again is not None:
                    self._racing.clear()
                    self._over.clear()
                    self.budget = None
                    self.begin(again)
                    continue
            for each in fresh:
                self.on_round(each)
            topups, items = self._planned
            if self._ended is not None or not topups:
                note_failures(self.store, self._record, self.on_note)
                return Chosen(
                    run=find_run(self.store, self._record), rounds=tuple(done), interrupted_by=self._ended
                )
            self._draw(topups, items)

    def _draw(self, topups: Sequence[TopUp], items: Mapping[str, Sequence[Item]] | None = None) -> None:
        begun, before = time.monotonic(), self._record.completions
        budget = self.budget
        if self._costs() != (0.0, 0):
            budget = without(budget or self.store.load_plan(self._record.id).budget, *self._costs())
        try:
            result = resume(
                self.store, self._record, self._shown(), self._limited(),
                retry_errors=False, budget=budget, topups=topups, items=items or {}, consent=self.consent,
            )  # fmt: skip
            self._record = result.run
        except LimitReached as e:
            self._ended = e
            self._record = find_run(self.store, self._record)
        self._count(begun, before)
        for name, new in (items or {}).items():
            taken = {item.key for item in new}
            self.pool[name] = [item for item in self.pool[name] if item.key not in taken]

    def _shown(self) -> Progress:
        return self.progress or SilentProgress(self.on_note)

    def _limited(self) -> Limits:
        left = None if self.deadline is None else max(0.0, self.deadline - time.monotonic())
        return replace(self.limits, time_s=left)

    def _count(self, begun: float, before: int) -> None:
        self._seconds += time.monotonic() - begun
        self._drawn += self._record.completions - before

    def _decided(self) -> list[RoundDone]:
        """Measure, decide, and plan the next round of every use case that is still open."""
        plan = self.store.load_plan(self._record.id)
        self._judge(plan)
        measuring.bring_up_to_date(
            self.store,
            self._record,
            profile=self.asked.profile(),
            on_note=self.on_note,
            on_progress=self.on_progress,
        )
        if self._ended is None:
            self._note_rounds(plan, load_tables(self.store, self._record))
        found = decided(self.store, self._record, self.asked, self.on_note, self.on_progress)
        sections = load_tables(self.store, self._record)
        done = []
        topups: list[TopUp] = []
        items: dict[str, list[Item]] = {}
        open_ = max(1, len(use_cases(plan)) - len(self._over))
        for prompts in use_cases(plan):
            of = [section for section in sections if section.prompts[0].name == prompts[0].name]
            own = tuple(each for each in found if each.section == of[0].name)
            made, more, new = self._next(plan, prompts, of, own, open_)
            done.append(made)
            topups += more
            for name, some in new.items():
                items.setdefault(name, []).extend(some)
        self._planned = topups, items
        return done

    def _judge(self, plan: Plan) -> None:
        """Let the design's judge judge what it has not judged yet."""
        if plan.design is None or plan.design.judge is None:
            return
        try:
            found = self._judging.judge(self._record, plan, self.budget or plan.budget)
        except UsageError as e:
            # None of the answers can be judged: the round is stored, and its card says what to do.
            self.on_note(f"warning: {e}")
        except LimitReached as e:
            self._ended = self._ended or e
        else:
            for line in notes_of(found, self._costs()):
                self.on_note(line)

    def _note_rounds(self, plan: Plan, sections: Sequence[ScoredSection]) -> None:
        """Keep it with the run which of the looks announced this one is."""
        looks = [
            replace(section.look, round=number)
            for section in sections
            if section.look is not None
            and (number := plan.round_of([prompt.name for prompt in section.prompts])) <= LOOKS
        ]
        known = {(look.prompt, look.model, look.digest) for look in self.store.looks(self._record.id)}
        self.store.add_looks(
            self._record.id, [each for each in looks if (each.prompt, each.model, each.digest) not in known]
        )

    def _next(
        self,
        plan: Plan,
        prompts: Sequence[Prompt],
        sections: Sequence[ScoredSection],
        found: tuple[Decision, ...],
        open_: int,
    ) -> tuple[RoundDone, list[TopUp], dict[str, list[Item]]]:
        """Return what a use case's round brought, and what to ask next."""
        number = plan.round_of([prompt.name for prompt in prompts])
        total, left = pool_of(plan, prompts, self.pool), self._affordable(plan)
        sizes = sizes_of(plan, prompts)
        most = max(size.replicates for of in sizes for size in of.values())
        stands = contest_of(
            plan, sections, self.asked, pool=total,
            **({} if left is None else {"items": left / open_ / most}),
        )  # fmt: skip
        topups: list[TopUp] = []
        items: dict[str, list[Item]] = {}
        stopped = self._hopeless(stands, found)
        if stopped is not None and self._judging.unsure and number < LOOKS:
            more = further(sizes, pool=total, samples=None if left is None else left // open_)
            if more is not None:
                topups, items = topups_for(plan, prompts, more, self.pool, number + 1)
                stopped = None
        if stands is not None and stopped is None and not topups:
            asked = max(size.items for of in sizes for size in of.values())
            # Whether more answers to the same questions would tell anything, the decision knows once all of them are asked.
            helped = stands.scope == "these_items" or any(
                step.code == "more_answers" for each in found for step in each.next
            )
            design = Rounds(
                pool=total,
                replicates=stands.per_answer and (asked < total or helped),
                margin=stands.margin,
                finest=0.0 if plan.design is None else plan.design.finest,
                samples=None if left is None else left // open_,
            )
            changed = following(stands.standings, sizes, design)
            if changed is not None and number < LOOKS:
                about = known(stands.cases[0].table.measure)
                needs = frozenset() if about is None else about.needs
                changed = with_companions(changed, sizes, stands.standings, needs)
                topups, items = topups_for(plan, prompts, changed, self.pool, number + 1)
            else:
                stopped = self._why(stands, number, design, sizes)
        grown = plan.grown(topups, items)
        dropped = (
            () if stands is None or stopped == "nothing" else tuple(self._dropped(plan, prompts, stands))
        )
        self._racing.get(prompts[0].name, set()).update(
            (t.model, each) for t in topups for each in t.temperatures
        )
        return (
            RoundDone(
                number=number,
                use_case=sections[0].name,
                decisions=found,
                leader=leader_of(stands, found),
                grade="none" if stands is None else grade_of(stands, found),
                dropped=dropped,
                samples=(samples := grown.sample_count - plan.sample_count),
                seconds=samples * self._seconds / self._drawn if self._drawn else None,
                usd=self._cost(samples),
                stopped=stopped,
            ),
            topups,
            items,
        )

    def _hopeless(self, stands: Contest | None, found: Sequence[Decision]) -> Stopped | None:
        """Return why more answers would not help; None where they may."""
        useless = {"floor", "ceiling", "no_values", "temperature_ignored"}
        if stands is None or all(useless & {note.code for note in each.notes} for each in found):
            return "nothing"
        return None

    def _why(
        self, stands: Contest, number: int, design: Rounds, sizes: Sequence[Mapping[float, Size]]
    ) -> Stopped:
        if stands.standings.shown:
            return "shown"
        if number >= LOOKS:
            return "looks"
        without = replace(design, samples=None)
        if design.samples is not None and following(stands.standings, sizes, without) is not None:
            return "time" if self.deadline is not None and self._paid() is None else "budget"
        return "data"

    def _paid(self) -> Budget | None:
        budget = self.budget or self.store.load_plan(self._record.id).budget
        return None if budget == Budget() else budget

    def _costs(self) -> tuple[float, int]:
        """Return what the judge has taken: USD, and tokens."""
        return self._judging.costs(self._record)

    def _spent(self) -> tuple[float, int, int]:
        """Return what was spent on answers and their judging, in USD and tokens, and on how many answers."""
        usd, tokens, count = self.store.spent(self._record.id)
        judged_usd, judged_tokens = self._costs()
        return usd + judged_usd, tokens + judged_tokens, count

    def _cost(self, samples: int) -> float | None:
        """Return what so many samples cost, by what those so far did."""
        usd, _tokens, count = self._spent()
        return samples * usd / count if count and usd else None

    def _affordable(self, plan: Plan) -> int | None:
        """Return how many more samples budget and time allow, by what those so far took; None: any number."""
        budget = self.budget or plan.budget
        usd, tokens, count = self._spent()
        found: list[float] = []
        if count and budget.usd is not None and usd > 0:
            found.append((budget.usd - usd) / (usd / count))
        if count and budget.tokens is not None and tokens > 0:
            found.append((budget.tokens - tokens) / (tokens / count))
        if self.deadline is not None and self._drawn:
            found.append((self.deadline - time.monotonic()) / (self._seconds / self._drawn))
        return None if not found else max(0, int(min(found)))

    def _dropped(self, plan: Plan, prompts: Sequence[Prompt], stands: Contest) -> list[Dropped]:
        """Return the temperatures that were in the race before and are no longer."""
        name = prompts[0].name
        now = {
            (model.label, alone.temperatures[column])
            for model, alone, columns in zip(
                plan.models, stands.standings.alone, stands.standings.racing, strict=True
            )
            for column in columns
        }
        tried = {
            (model.label, temperature)
            for model, of in zip(plan.models, sizes_of(plan, prompts), strict=True)
            for temperature in of
        }
        before = self._racing.get(name, tried)
        self._racing[name] = now
        if stands.standings.shown:
            return []
        reasons = reasons_of(plan, stands)
        return [
            Dropped(model=model, temperature=t, why=reasons.get((model, t), "cannot_lead"))
            for model, t in sorted(before - now)
        ]
