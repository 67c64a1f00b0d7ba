"""An open page, with everything that it must not do written down while it is open."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect


@dataclass
class Visit:
    """An open page and what it did."""

    page: Page
    path: Path
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def wait_for_charts(self) -> int:
        """Have every chart drawn, as for paper that holds everything, and wait for it; return their number."""
        count = self.page.locator(".chart").count()
        self.ask_for_paper_with_everything()
        expect(self.page.locator(".chart svg.marks")).to_have_count(count)
        self.page.evaluate("() => dispatchEvent(new Event('afterprint'))")
        return count

    def ask_for_paper_with_everything(self) -> None:
        """Have the page do what it does before such a paper is printed: every fold is open, and all that is in it is drawn."""
        self.page.evaluate(
            "() => { document.documentElement.classList.add('everything'); dispatchEvent(new Event('beforeprint')); }"
        )

    def open_all_details(self) -> None:
        """Open whatever is folded away, in one turn: opening one may have charts beside it drawn anew, with details of their own."""
        self.page.evaluate(
            "() => document.querySelectorAll('main details').forEach((each) => (each.open = true))"
        )

    def assert_quiet(self) -> None:
        """Assert that the page logged nothing, failed nowhere, asked nothing and fetched nothing but itself."""
        assert self.console == []
        assert self.errors == []
        assert self.dialogs == []
        assert self.requests == [self.path.as_uri()]

    def assert_quiet_but_for_downloads(self) -> None:
        """The same for a page whose own data was saved: a browser counts `data:` and `blob:` addresses as requests."""
        self.requests[:] = [url for url in self.requests if not url.startswith(("data:", "blob:"))]
        self.assert_quiet()
