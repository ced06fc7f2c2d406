"""Read the codebook."""

from sqlmodel import Session

from assent_contracts.practice import Practice
from assent_kit.paging import Page, PageRequest, paginate
from assent_qual.service.answers import CodeAnswer
from assent_qual.store import queries
from assent_qual.store.tables import Code


def show_code(session: Session, study: str, id: str) -> tuple[CodeAnswer, int]:
    """A code and the version. Raises NotFound."""
    code = queries.find(session, Code, study, id)
    return _code(code), code.version


def list_codes(session: Session, study: str, page: PageRequest) -> Page[CodeAnswer]:
    """The codes in the order of their adding; `parent` makes them a tree."""
    rows = queries.some(session, Code, study, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda row: row.id, shape=_code)


def _code(row: Code) -> CodeAnswer:
    return CodeAnswer.model_validate({**row.model_dump(), "practice": Practice.model_validate(row.practice)})
