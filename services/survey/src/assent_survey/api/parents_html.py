"""The parents' page as HTML: plain, without scripts, cookies or anything from elsewhere, readable in large letters and aloud.

Everything that the study or a parent wrote goes through `Markup.format`, which escapes it.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import date

from markupsafe import Markup

from assent_survey.api.parents_words import DOES, DOES_NOT, Sentence, day_in_words
from assent_survey.domain.information_sheet import Contact, Section, SheetText, Support
from assent_survey.domain.page_words import ENGLISH, WordName, direction
from assent_survey.domain.read_back import ReadBack
from assent_survey.service.what_is_held import Held, HeldResponse

_STYLE = Markup("""
body { margin: 0; background: #fff; color: #111; font: 1.125rem/1.6 system-ui, sans-serif; overflow-wrap: break-word; }
main { max-width: 42rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.25; }
h2 { font-size: 1.4rem; line-height: 1.3; margin-top: 2.5rem; border-top: 2px solid #555; padding-top: 1rem; }
h3 { font-size: 1.15rem; margin-top: 1.5rem; }
.text { white-space: pre-line; }
.notice { border-inline-start: 0.4rem solid #7a4b00; padding: 0.5rem 1rem; background: #fff6e5; }
dt { font-weight: 600; margin-top: 1rem; }
dd { margin: 0.25rem 0 0; padding-inline-start: 1rem; border-inline-start: 0.25rem solid #555; }
li { margin: 0.5rem 0; }
a { color: #0b3d91; }
a:focus-visible, button:focus-visible { outline: 0.2rem solid #b35900; outline-offset: 0.2rem; }
.button, button { display: inline-block; font: inherit; font-weight: 600; padding: 0.75rem 1.25rem; color: #fff; background: #0b3d91;
  border: 0; border-radius: 0.3rem; text-decoration: none; cursor: pointer; }
button.final { background: #8f1d14; }
""")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""What the page may do in a browser: be looked at in its own style, and send its one form back."""

_PAGE = Markup(
    '<!doctype html>\n<html lang="{language}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex, nofollow">\n'
    "<style>{style}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n{content}\n</main>\n</body>\n</html>\n"
)
_PLAIN = Markup("{}")
_IN_ENGLISH = Markup('<span lang="en" dir="ltr">{}</span>')
_NOT_KNOWN = "Nothing is held under this address"
_NOT_KNOWN_MORE = (
    "If you have withdrawn, it is done, and there is nothing more for you to do. If you expected to see your answers here, check the "
    "address letter by letter, or ask the people who sent it to you."
)


class Words:
    """The page's own sentences in one language; those that the study has not translated are in English, and marked as English."""

    def __init__(self, language: str, given: Mapping[WordName, str]) -> None:
        self.language = language
        self._given = given

    def say(self, name: WordName, **places: str) -> Markup:
        """A sentence, with its places filled."""
        given = self._given.get(name)
        if given is not None:
            return _PLAIN.format(given.format(**places))
        told = ENGLISH[name].format(**places)
        return (_PLAIN if self.language.partition("-")[0] == "en" else _IN_ENGLISH).format(told)

    def day(self, day: date) -> str:
        """A day."""
        return day_in_words(day, self.language)


def words_of(held: Held) -> Words:
    """The sentences in the language of a page."""
    return Words(held.language, held.sheet.text.words if held.sheet else {})


def held_page(held: Held, means: Mapping[WordName, dict[str, str]]) -> str:
    """The page itself. `means` are the places of the sentences that say what withdrawing does."""
    words = words_of(held)
    parts = [_notice(words) if held.test else Markup(""), _paragraph(words.say("about_this_page"))]
    parts += [_languages(held, words), _what_is_held(held, words), _how_to_withdraw(held, words, means)]
    parts += [_sheet(held, words)]
    return _page(held, _lines(parts))


def confirmation_page(held: Held, means: Mapping[WordName, dict[str, str]]) -> str:
    """What is asked before anybody is withdrawn."""
    words = words_of(held)
    form = Markup(
        '<form method="post">\n<input type="hidden" name="confirm" value="yes">\n<button class="final" type="submit">{}</button>\n</form>\n'
        '<p><a href="../{}?language={}">{}</a></p>'
    ).format(words.say("yes_delete"), held.token, held.language, words.say("go_back"))
    told = [_section(words.say("withdraw_sure"), _means(words, means)), form]
    return _page(held, _lines(told), step=words.say("withdraw_sure"))


def withdrawn_page(held: Held, told: list[Sentence]) -> str:
    """The confirmation: shown once, straight after the withdrawal."""
    words = words_of(held)
    said = _lines(_paragraph(words.say(name, **places)) for name, places in told)
    support = _support(held.sheet.text.support, words) if held.sheet else Markup("")
    return _page(held, _lines([_section(words.say("withdrawn"), said), support]), step=words.say("withdrawn"))


def not_known_page() -> str:
    """The same for every address that nothing is held under. No study is known here, so this is in English."""
    content = _paragraph(_PLAIN.format(_NOT_KNOWN_MORE))
    return _PAGE.format(language="en", direction="ltr", title=_NOT_KNOWN, heading=_NOT_KNOWN, style=_STYLE, content=content)


def _page(held: Held, content: Markup, step: Markup | None = None) -> str:
    """A page under the study's title. In the browser's title the `step` comes first: it is what is read aloud when a page opens."""
    heading = held.sheet.text.title if held.sheet else words_of(held).say("what_we_hold").striptags()
    title = heading if step is None else f"{step.striptags()} – {heading}"
    return _PAGE.format(
        language=held.language, direction=direction(held.language), title=title, heading=heading, style=_STYLE, content=content
    )


def _notice(words: Words) -> Markup:
    return Markup('<p class="notice">{}</p>').format(words.say("test_address"))


def _languages(held: Held, words: Words) -> Markup:
    others = {tag: title for tag, title in (held.sheet.languages if held.sheet else {}).items() if tag != held.language}
    if not others:
        return Markup("")
    links = _lines(
        Markup('<li><a href="?language={0}" hreflang="{0}" lang="{0}" dir="{1}">{2} ({0})</a></li>').format(
            tag, direction(tag), title
        )
        for tag, title in others.items()
    )
    return Markup("<nav>\n<p>{}</p>\n<ul>\n{}\n</ul>\n</nav>").format(words.say("in_other_languages"), links)


def _what_is_held(held: Held, words: Words) -> Markup:
    parts = [_response(each, words) for each in held.responses]
    if not held.responses:
        parts.append(_paragraph(words.say("nothing_held")))
    if held.deliveries:
        parts.append(_paragraph(words.say("messages_held", count=str(held.deliveries))))
    return _section(words.say("what_we_hold"), _lines(parts))


def _response(response: HeldResponse, words: Words) -> Markup:
    consent: WordName = "answered_with_consent" if response.consented else "answered_without_consent"
    parts = [
        Markup("<h3>{}</h3>").format(words.say("received_on", date=words.day(response.received_on))),
        _paragraph(words.say(consent)),
    ]
    if not response.complete:
        parts.append(_paragraph(words.say("unfinished")))
    parts.append(_answers(response.answers, words))
    if response.earlier:
        parts.append(_paragraph(words.say("earlier_answers", count=str(response.earlier))))
    if response.design:
        parts += [Markup("<h3>{}</h3>").format(words.say("also_held")), _answers(response.design, words)]
    return _lines(parts)


def _answers(answers: list[ReadBack], words: Words) -> Markup:
    listed = _lines(
        Markup("<dt>{}</dt>\n{}").format(
            each.question, _lines(Markup('<dd class="text">{}</dd>').format(said) for said in _said(each, words))
        )
        for each in answers
    )
    return Markup("<dl>\n{}\n</dl>").format(listed) if answers else Markup("")


def _said(answer: ReadBack, words: Words) -> list[str] | list[Markup]:
    return list(answer.answers) if answer.unanswered is None else [words.say(answer.unanswered)]


def _how_to_withdraw(held: Held, words: Words, means: Mapping[WordName, dict[str, str]]) -> Markup:
    button = Markup('<p><a class="button" href="{}/withdraw?language={}">{}</a></p>').format(
        held.token, held.language, words.say("withdraw")
    )
    return _section(words.say("withdraw"), _lines([_paragraph(words.say("withdraw_any_time")), _means(words, means), button]))


def _means(words: Words, means: Mapping[WordName, dict[str, str]]) -> Markup:
    items = _lines(Markup("<li>{}</li>").format(words.say(name, **means.get(name, {}))) for name in (*DOES, *DOES_NOT))
    return Markup("<ul>\n{}\n</ul>").format(items)


def _sheet(held: Held, words: Words) -> Markup:
    if held.sheet is None:
        return _section(words.say("about_the_study"), _paragraph(words.say("no_sheet")))
    text: SheetText = held.sheet.text
    told = [_told(section) for section in text.sections]
    told.append(_paragraph(words.say("sheet_version", version=held.sheet.version)))
    contacts = Markup("<ul>\n{}\n</ul>").format(_lines(_contact(each) for each in text.contacts))
    return _lines(
        [
            _section(words.say("about_the_study"), _lines(told)),
            _section(words.say("contacts"), contacts),
            _support(text.support, words),
        ]
    )


def _told(section: Section) -> Markup:
    return Markup('<h3>{}</h3>\n<p class="text">{}</p>').format(section.heading, section.text)


def _contact(contact: Contact) -> Markup:
    ways = [Markup('<a href="mailto:{0}">{0}</a>').format(contact.email)] if contact.email else []
    ways += _ways(contact.phone, contact.url)
    ways += [_PLAIN.format(contact.post)] if contact.post else []
    return Markup('<li><strong>{}</strong>: <span class="text">{}</span></li>').format(contact.name, Markup(", ").join(ways))


def _support(services: Iterable[Support], words: Words) -> Markup:
    listed = _lines(
        Markup('<li><strong>{}</strong>: <span class="text">{}</span> {}{}</li>').format(
            each.name, each.what, Markup(", ").join(_ways(each.phone, each.url)), f" ({each.hours})" if each.hours else ""
        )
        for each in services
    )
    return _section(words.say("help"), Markup("<ul>\n{}\n</ul>").format(listed))


def _ways(phone: str | None, url: str | None) -> list[Markup]:
    ways = []
    if phone:
        ways.append(Markup('<a href="tel:{}">{}</a>').format(_dialled(phone), phone))
    if url:
        ways.append(Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(url))
    return ways


def _dialled(phone: str) -> str:
    """The digits to dial. The nought in `+44 (0)20` is for whoever leaves the country's code out."""
    return "".join(each for each in (phone.replace("(0)", "") if phone.startswith("+") else phone) if each in "+0123456789")


def _section(heading: Markup, content: Markup) -> Markup:
    return Markup("<section>\n<h2>{}</h2>\n{}\n</section>").format(heading, content)


def _paragraph(text: Markup) -> Markup:
    return Markup("<p>{}</p>").format(text)


def _lines(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(part for part in parts if part)
