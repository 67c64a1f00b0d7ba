"""Completion in bash, zsh and fish: what each shell runs, what it tells, and how it wants to be answered.

click finds the parameter and we what there is for it (`completing`). Its own scripts lose words with spaces and, in bash, with a
colon, which ends a word there (`gguf:smollm2`); so these hand over the line as it is typed and take each answer as it is to stand.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, shell_complete

from tempkit.cli.completing import NO_SPACE

__all__ = ["SHELLS", "answer", "script"]

_VARIABLE = "_TEMPKIT_COMPLETE"


def answer(cli: click.Command, instruction: str) -> int:
    """Answer a shell, and return the exit code; what goes wrong completes to nothing, and leaves the prompt as it is."""
    for each in SHELLS.values():
        add_completion_class(each)
    try:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
            return shell_complete(cli, {}, "tempkit", _VARIABLE, instruction)
    except Exception:  # noqa: BLE001  (a traceback in the middle of what somebody types helps nobody)
        return 1


def script(shell: str) -> str:
    """Return the script that a shell is to run once at its start."""
    return SHELLS[shell].source_template


@dataclass(slots=True)
class _Word:
    """A word of a command line, as a shell reads it."""

    text: str = ""
    quote: str = ""
    """The quotation mark that is open at its end."""
    kept: int = 0
    """How many characters of `text` the shell leaves as they are: up to the last that ends a word to it, or an open quotation mark."""


def _words(line: str, breaks: str) -> list[_Word]:
    """Take a line apart up to its end; the last word is the one to be completed, and may be empty."""
    words, word, escaped = [], None, False
    current = _Word()
    for c in line:
        if escaped:
            escaped = False
            # Between double quotes a backslash means itself before most characters.
            current.text += c if current.quote != '"' or c in '"\\$`' else "\\" + c
        elif c == "\\" and current.quote != "'":
            escaped, word = True, current
        elif current.quote:
            if c == current.quote:
                current.quote = ""
            else:
                current.text += c
        elif c in "'\"":
            current.quote, word = c, current
            current.kept = len(current.text)
        elif c.isspace():
            if word is not None:
                words.append(word)
            current, word = _Word(), None
        else:
            current.text, word = current.text + c, current
            if c in breaks:
                current.kept = len(current.text)
    return [*words, current]


class _Shell(ShellComplete):
    """What the three have in common: `whole` values, so that what stands before them in the word (`--for=`) need not be known."""

    _prefix = ""
    """What stands in the word before the value: `--use-case=`."""

    def get_completions(self, args: list[str], incomplete: str) -> "list[CompletionItem[str]]":
        option, equals, _ = incomplete.partition("=")
        self._prefix = f"{option}=" if equals and option.startswith("--") else ""
        return super().get_completions(args, incomplete)

    def whole(self, item: "CompletionItem[str]") -> str:
        return f"{self._prefix}{item.value}"


class _Bash(_Shell):
    name = "bash"
    _current = _Word()
    source_template = r"""# Completion of tempkit in bash, from 4.4 on.
_tempkit_completion() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            plain\ *) COMPREPLY+=("${line#plain }") ;;
            nospace) compopt -o nospace ;;
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
        esac
    done < <(_TEMPKIT_COMPLETE=bash_complete COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" "$1" 2>/dev/null)
}
complete -o nosort -F _tempkit_completion tempkit
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        *before, self._current = _words(os.environ["COMP_LINE"], os.environ.get("COMP_WORDBREAKS", ":="))
        return [word.text for word in before][1:], self._current.text

    def complete(self) -> str:
        args, incomplete = self.get_completion_args()
        items = self.get_completions(args, incomplete)
        lines = [f"plain {self._written(self.whole(each))}" for each in items if each.type == "plain"]
        if lines:
            # readline offers either files or words, and words go first.
            ends = [each.value.endswith(NO_SPACE) for each in items if each.type == "plain"]
            return "\n".join([*lines, *(["nospace"] if all(ends) else [])])
        return "\n".join(dict.fromkeys(each.type for each in items))

    def _written(self, value: str) -> str:
        """Return the part of a value that bash replaces, as it is typed."""
        rest = value[self._current.kept :]
        if self._current.quote == "'":
            return rest.replace("'", r"'\''")
        special = '"\\$`' if self._current.quote else " \"'\\$`&|;<>()*?[]{}#!^"
        return "".join(f"\\{c}" if c in special else c for c in rest)


class _Told(_Shell):
    """A shell that quotes what is inserted by itself."""

    def get_completion_args(self) -> tuple[list[str], str]:
        _, *args = os.environ["COMP_WORDS"].split("\n")
        return args, _words(os.environ["COMP_CWORD"], "")[-1].text

    def format_completion(self, item: "CompletionItem[str]") -> str:
        kind = "nospace" if item.type == "plain" and item.value.endswith(NO_SPACE) else item.type
        return "\t".join((kind, self.whole(item), " ".join((item.help or "").split())))


class _Zsh(_Told):
    name = "zsh"
    source_template = r"""#compdef tempkit
# Completion of tempkit in zsh.
_tempkit_completion() {
    local line kind value about files
    local -a words_before plain plain_shown nospace nospace_shown
    words_before=("${(@Q)words[1,CURRENT-1]}")
    for line in "${(@f)$(_TEMPKIT_COMPLETE=zsh_complete COMP_WORDS="${(F)words_before}" COMP_CWORD="${PREFIX}" COMP_QUOTED="${QIPREFIX}" "${(Q)words[1]}" 2>/dev/null)}"; do
        kind="${line%%$'\t'*}" value="${${line#*$'\t'}%%$'\t'*}" about="${line##*$'\t'}"
        [[ -n $about ]] && about="$value  -- $about" || about="$value"
        case $kind in
            plain) plain+=("$value") plain_shown+=("$about") ;;
            nospace) nospace+=("$value") nospace_shown+=("$about") ;;
            file) files=1 ;;
            dir) files=2 ;;
        esac
    done
    (( $#plain )) && compadd -U -V tempkit -l -d plain_shown -a plain
    (( $#nospace )) && compadd -U -V tempkit -S '' -l -d nospace_shown -a nospace
    [[ $files == 1 ]] && _files
    [[ $files == 2 ]] && _files -/
    (( $#plain + $#nospace + ${files:-0} ))
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _tempkit_completion "$@"
else
    compdef _tempkit_completion tempkit
fi
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        # Behind an open quotation mark zsh has taken it away, and the word is as it stands.
        args, word = super().get_completion_args()
        return args, os.environ["COMP_CWORD"] if os.environ.get("COMP_QUOTED") else word


class _Fish(_Told):
    name = "fish"
    source_template = r"""# Completion of tempkit in fish.
function _tempkit_completion
    set -l before (commandline -opc)
    set -lx COMP_WORDS (string join \n -- $before | string collect)
    set -lx COMP_CWORD (commandline -ct)
    for line in (_TEMPKIT_COMPLETE=fish_complete $before[1] 2>/dev/null)
        set -l parts (string split \t -- $line)
        switch $parts[1]
            case plain nospace
                if test -n "$parts[3]"
                    printf '%s\t%s\n' $parts[2] $parts[3]
                else
                    printf '%s\n' $parts[2]
                end
            case file
                __fish_complete_path $parts[2]
            case dir
                __fish_complete_directories $parts[2]
        end
    end
end
complete --no-files --keep-order --command tempkit --arguments '(_tempkit_completion)'
"""


SHELLS: dict[str, type[_Shell]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}
