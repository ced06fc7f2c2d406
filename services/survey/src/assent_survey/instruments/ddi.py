"""DDI-Codebook 2.5, and its older dialects 1.2.2 and 2.1: the variables of a data set, with the questions behind them.

A codebook belongs to no platform; its mapping names the variables, as the columns of the data file that it describes are called. What
it says of the study, of files and of frequencies is not read. Source: DDI Alliance, DDI-Codebook 2.5, element `dataDscr`.
"""

from collections.abc import Iterator
from pathlib import PurePath
from xml.etree.ElementTree import Element

from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.instruments.ddi_categories import Categories
from assent_survey.instruments.drafting import Drafting, Question
from assent_survey.instruments.languages import Languages
from assent_survey.instruments.opening import open_xml
from assent_survey.instruments.tallies import Tallies
from assent_survey.instruments.xml_words import by_language, child, children, everywhere, language_of, words_of

_DEEPEST_GROUP = 10
_UNREAD = {
    "derivation": "how a derived variable was made",
    "imputation": "that values were imputed",
    "security": "that access is restricted",
    "embargo": "that it is under embargo",
    "codInstr": "instructions to coders",
    "respUnit": "who answered for whom",
    "catgryGrp": "groups of categories",
    "stdCatgry": "that the categories are standard ones",
    "concept": "the concept that it measures",
    "notes": "notes",
    "undocCod": "what is said of undocumented codes",
    "TotlResp": "how many answered",
    "anlysUnit": "the unit of analysis",
}


class DdiCodebook:
    """Reads the variables of a codebook."""

    name = "ddi"
    title = "DDI-Codebook (XML)"

    def recognises(self, content: bytes, filename: str) -> bool:  # noqa: ARG002 - every XML file is called .xml
        """A `codeBook` near the beginning, or a description of data anywhere."""
        text = content.replace(b"\0", b"")
        return b"codeBook" in text[:8192] or b"<dataDscr" in text

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:
        """Raises UnreadableInstrument."""
        root = open_xml(content)
        if root.tag in ("DDIInstance", "FragmentInstance"):
            raise UnreadableInstrument("the file is DDI-Lifecycle; export it as DDI-Codebook")
        variables = list(everywhere(root, "var"))
        if not variables:
            raise UnreadableInstrument("the file describes no variables: there is no `var` in it")
        return _Reading(root, variables, language).draft(filename)


class _Reading:
    """One codebook while it is read."""

    def __init__(self, root: Element, variables: list[Element], wanted: str | None) -> None:
        self._root = root
        self._variables = variables
        self._book = next(everywhere(root, "codeBook"), root)
        said = [found for variable in variables for each in variable.iter() if (found := language_of(each))]
        every = all(language_of(label) for variable in variables for label in children(variable, "labl"))
        self._languages = Languages(said, default=language_of(self._book) or (said[0] if said and every else ""), wanted=wanted)
        self._drafting = Drafting()
        self._tallies = Tallies()
        self._sections = self._sections_by_variable()

    def draft(self, filename: str) -> Draft:
        """The whole codebook."""
        for variable in self._variables:
            self._take(variable, variable.get("name") or variable.get("ID") or "")
        self._tell_of_files()
        for cube in everywhere(self._root, "nCube"):
            self._drafting.lose(f"nCube {cube.get('name') or cube.get('ID') or ''}", "a table of counts")
        self._tallies.tell(self._drafting)
        statement = child(self._book, "stdyDscr", "citation")
        title = child(statement, "titlStmt", "titl")
        title = next(everywhere(self._root, "titl"), None) if title is None else title
        return self._drafting.draft(
            words_of(title) or PurePath(filename).stem,
            language=self._languages.tag,
            version=words_of(child(statement, "verStmt", "version")) or None,
        )

    def _tell_of_files(self) -> None:
        """That variables belong to several data files, or to several kinds of records in one."""
        for attribute, what in (("files", "several data files"), ("rectype", "several kinds of records")):
            named = dict.fromkeys(word for each in self._variables for word in each.get(attribute, "").split())
            if len(named) > 1:
                self._drafting.lose(", ".join(named), f"that the variables are of {what}", "all variables side by side")

    def _take(self, variable: Element, name: str) -> None:
        where = f"var {name or 'without a name'}"
        if self._drafting.full:
            self._drafting.refuse(where, name)
            return
        categories = Categories(variable, self._languages)
        for lost in categories.losses:
            self._drafting.lose(where, lost)
        for part in dict.fromkeys(each.tag for each in variable):
            if part in _UNREAD:
                self._tallies.note(_UNREAD[part], name)
        wording, translations = self._wording(variable, name)
        weight = variable.get("wgt", "").lower() == "wgt"
        kind = "number" if weight else categories.kind
        if categories.dated:
            self._drafting.lose(where, "a date or a time", "open text")
        self._drafting.ask(
            Question(
                where=where,
                name=name or "variable",
                field=name,
                wording=wording or name,
                kind=kind,
                options=categories.options,
                role="weight" if weight else "attitude",
                low=categories.low if kind == "number" else None,
                high=categories.high if kind == "number" else None,
                translations=translations,
                routing=self._routing(variable),
                section=self._sections.get(variable.get("ID", "")) or self._sections.get(name),
            )
        )

    def _wording(self, variable: Element, name: str) -> tuple[str, dict[str, str]]:
        """The question with what is read out before and after it; the variable's label where the codebook has no question."""
        main = self._languages.main
        labels = by_language(children(variable, "labl"), main) or by_language(children(variable, "txt"), main)
        questions = list(children(variable, "qstn"))
        parts = [
            by_language((each for one in questions for each in children(one, part)), main)
            for part in ("preQTxt", "qstnLit", "postQTxt")
        ]
        if any(child(one, "ivuInstr") is not None for one in questions):
            self._tallies.note("instructions to interviewers", name)
        if labels and (parts[1] or child(variable, "labl") is not None) and child(variable, "txt") is not None:
            self._tallies.note("the description of a variable", name)
        if not parts[1]:
            bare = by_language(questions, main) if not any(parts) and not any(len(one) for one in questions) else {}
            return self._languages.worded(bare or labels)
        if labels:
            self._tallies.note("the label of a variable that has its question", name)
        return self._languages.worded(*parts)

    def _routing(self, variable: Element) -> str | None:
        """Whom the variable is about, and from which questions one comes or goes."""
        main = self._languages.main
        universe = self._languages.main_words(by_language(children(variable, "universe"), main))
        ways = [
            f"{part}: {said}"
            for one in children(variable, "qstn")
            for part in ("backward", "forward")
            for each in children(one, part)
            if (said := words_of(each) or each.get("qstn", ""))
        ]
        return "\n".join(filter(None, (universe, *ways))) or None

    def _sections_by_variable(self) -> dict[str, str]:
        """The path of groups that each variable is in, by its ID."""
        groups = {each.get("ID") or f"group {place}": each for place, each in enumerate(everywhere(self._root, "varGrp"))}
        above = {inner: outer for outer, each in groups.items() for inner in each.get("varGrp", "").split()}
        found: dict[str, str] = {}
        for id, group in groups.items():
            path = list(self._path(id, groups, above))
            if group.get("type", "").lower() == "multipleresp":
                self._drafting.lose(f"varGrp {id}", "a question of several answers", "an item for each of its options")
            if child(group, "universe") is not None:
                self._drafting.lose(f"varGrp {id}", "whom a group of variables is about")
            for variable in group.get("var", "").split():
                found[variable] = " / ".join(filter(None, reversed(path)))
        return found

    def _path(self, id: str, groups: dict[str, Element], above: dict[str, str]) -> Iterator[str]:
        for _ in range(_DEEPEST_GROUP):
            group = groups.get(id)
            if group is None:
                return
            titles = by_language(children(group, "labl"), self._languages.main) or by_language(
                children(group, "txt"), self._languages.main
            )
            yield self._languages.main_words(titles) or group.get("name", "")
            id = above.get(id, "")
