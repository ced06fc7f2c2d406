"""The rows of analyses. Of the same question on the same data there is one."""

from sqlmodel import Session, col, delete, select

from assent_analytics.store.tables import Analyses, Releases


def find_row(session: Session, study: str, analysis: str) -> Analyses | None:
    """One analysis of a study."""
    row = session.get(Analyses, analysis)
    return row if row is not None and row.study == study else None


def find_answer(session: Session, study: str, mark: str) -> Analyses | None:
    """The analysis that answers a question on its data, by the mark of both."""
    return session.exec(select(Analyses).where(col(Analyses.study) == study, col(Analyses.mark) == mark)).first()


def forget_answer(session: Session, study: str, mark: str) -> None:
    """Delete it, because another is about to take its place."""
    session.connection().execute(delete(Analyses).where(col(Analyses.study) == study, col(Analyses.mark) == mark))


def list_rows(
    session: Session, study: str, *, method: str | None, after: str | None, limit: int, released: bool = False
) -> list[Analyses]:
    """A study's analyses in the order of their ids, of one method if one is named; only those that were released if wanted."""
    query = select(Analyses).where(col(Analyses.study) == study).order_by(col(Analyses.id)).limit(limit)
    if method is not None:
        query = query.where(col(Analyses.method) == method)
    if released:
        subjects = select(Releases.subject).where(col(Releases.study) == study, col(Releases.kind) == "analysis")
        query = query.where(col(Analyses.id).in_(subjects))
    if after is not None:
        query = query.where(col(Analyses.id) > after)
    return list(session.exec(query))
