"""Questions on a plain terminal: one line each, the answer in brackets by Enter, a list by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from kiosk.text import Texts


class StoppedError(Exception):
    """Whoever is asked has gone: nothing was changed."""


@dataclass(slots=True)
class Ask:
    """`given`: answers said beforehand, by name. `silent`: nothing is asked, what was not said takes its default."""

    texts: Texts
    language: str
    source: TextIO
    sink: TextIO
    given: dict[str, str] = field(default_factory=dict)
    silent: bool = False

    def say(self, key: str, **values: object) -> None:
        """A sentence of the texts, by its key below `setup`."""
        print(self.texts.get(self.language, f"setup.{key}", **values), file=self.sink)

    def text(self, name: str, default: str, good: Callable[[str], str] = lambda _: "") -> str:
        """A line. `good`: what is wrong with an answer, "" when nothing is; asked again until then."""
        if name in self.given:
            return self.given[name]
        while not self.silent:
            answer = self._line(f"{self._words(name)} [{default}]: ") or default
            if not (wrong := good(answer)):
                return answer
            print(f"  {wrong}", file=self.sink)
        return default

    def choice(self, name: str, options: Sequence[str], default: str) -> str:
        """One of several, by number or in its own words; other words are taken where `other` is among them."""
        if name in self.given:
            return self.given[name]
        if self.silent:
            return default
        print(self._words(name), file=self.sink)
        for number, option in enumerate(options, 1):
            print(f"  {number}  {self._words(f'options.{option}', option)}", file=self.sink)
        while True:
            answer = self._line(f"  [{self._words(f'options.{default}', default)}]: ") or default
            if answer.isdecimal() and 1 <= int(answer) <= len(options):
                return options[int(answer) - 1]
            if answer in options or (answer.startswith(("/", "usb:", "tcp:", "serial:", "file:", "ipp"))):
                return answer
            self.say("again")

    def yes(self, name: str, default: bool) -> bool:
        """Yes or no."""
        return self.choice(name, ("yes", "no"), "yes" if default else "no") == "yes"

    def _words(self, name: str, otherwise: str = "") -> str:
        known = self.texts.keys(self.language)
        key = f"setup.{name.replace('.', '_') if not name.startswith('options.') else name}"
        return self.texts.get(self.language, key) if key in known else otherwise or name

    def _line(self, prompt: str) -> str:
        print(prompt, end="", file=self.sink, flush=True)
        line = self.source.readline()
        if not line:
            raise StoppedError
        return line.strip()
