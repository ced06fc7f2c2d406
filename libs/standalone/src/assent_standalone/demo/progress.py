"""How far the loading of the demo study has come, one line a step."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Step:
    """One line: what is being loaded, and how much of it is there."""

    def __init__(self, progress: Progress, line: TaskID) -> None:
        self._progress = progress
        self._line = line

    def expect(self, total: int) -> None:
        """Say how many there will be."""
        self._progress.update(self._line, total=total)

    def advance(self) -> None:
        """One more is there."""
        self._progress.advance(self._line)

    def say(self, words: str) -> None:
        """Change what the line says."""
        self._progress.update(self._line, description=words)


class Steps:
    """All lines. Use as a context: `with Steps(console) as steps:`."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<44}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )

    def __enter__(self) -> "Steps":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, words: str, total: int | None = None) -> Step:
        """A new line."""
        return Step(self._progress, self._progress.add_task(words, total=total))
