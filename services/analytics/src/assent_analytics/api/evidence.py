"""The evidence view: what the study knows about a proposal, with the words fetched from their owners when it is shown."""

from fastapi import Request, Response

from assent_analytics.api.access import LiveReader
from assent_analytics.domain.view import EvidenceView
from assent_analytics.problems import NothingReleased
from assent_analytics.service.show_evidence import fingerprint, finish_evidence, prepare_evidence
from assent_analytics.service.showings import note_showing
from assent_analytics.service.texts import fetch_texts
from assent_kit.app import router
from assent_kit.etags import answer, etag_of
from assent_kit.problems import NotFound, problems
from assent_kit.tables import now

evidence = router(
    prefix="/v1/studies/{study}/proposals/{proposal}/evidence", tags=["evidence"], responses=problems(NotFound, NothingReleased)
)


@evidence.get("", response_model=EvidenceView, response_model_exclude_unset=True)
async def show(request: Request, study: str, proposal: str, who: LiveReader) -> Response:
    """The evidence on a proposal: the profile first, then who is singled out, and a majority never hides them.

    The texts of quotations and passages are fetched when the view is shown, from the services that own them and check consent. While one
    is away the view says so and is always sent whole. A field whose method is not built is left out.
    """
    state = request.app.state
    moment = now()
    prepared = await state.database.read(prepare_evidence, state.samples, study=study, proposal=proposal, moment=moment)
    if isinstance(prepared, EvidenceView):
        return _whole(prepared)
    deadline = state.settings.texts_deadline_seconds
    texts = await fetch_texts(state.owners, prepared.wanted, study=study, token=who.token, deadline=deadline)
    shown = finish_evidence(prepared, texts, moment=moment)
    if prepared.is_news:
        await state.database.write(note_showing, study=study, items=prepared.items, proposal=proposal)
    if not texts.complete:
        return _whole(shown)
    return answer(request, shown, etag=etag_of(fingerprint(shown)), exclude_unset=True)


def _whole(shown: EvidenceView) -> Response:
    """A view that must not be taken for the last word: it has no ETag, so nobody can be told that it has not changed."""
    content = shown.model_dump_json(exclude_unset=True)
    return Response(content, media_type="application/json", headers={"Cache-Control": "private, no-cache"})
