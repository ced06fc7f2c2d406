"""Which options of a question are no answer to it: don't know, refused, not asked.

Few phrases, and only whole ones: an option is taken out of a scale only where its words can mean nothing else. `Not sure`, `neither`
and `refuse` may be opinions and stay. Where a format itself declares an option missing, more phrases are understood.
"""

import re
import unicodedata
from functools import lru_cache

from assent_contracts.stances import MissingAnswer

_CODE_AT_BEGINNING = re.compile(r"^\s*(?:[\[(]-?\w{1,4}[\])]|-?[0-9]{1,4}[\s.:=)-])[\s.:=-]*")
_IN_BRACKETS_AT_END = re.compile(r"[\[(][^\[\]()]*[\])]\s*$")
_OFFERED: dict[MissingAnswer, str] = {
    "dont_know": """
        dont know | do not know | i dont know | i do not know | dk | dont know cant say | cant say | dont know not sure
        ddim yn gwybod | weiss nicht | ich weiss nicht | ne sait pas | je ne sais pas | nsp | no sabe | no se | no lo se
        nao sabe | nao sei | non so | non sa | weet niet | weet ik niet | vet ej | vet inte | vet ikke | ved ikke | en osaa sanoa
        nie wiem | trudno powiedziec
    """,
    "refused": """
        not stated
        refused | refusal | refused to answer | refuse to answer | prefer not to say | prefer not to answer | i prefer not to say
        i prefer not to answer | i would prefer not to say | i would prefer not to answer | id prefer not to say | id rather not say
        i would rather not say | rather not say | rather not answer | do not wish to answer | i do not wish to answer
        choose not to answer | decline to answer | decline to say | declined to answer | do not want to answer | dont want to answer
        gwell gennyf beidio a dweud | gwell gen i beidio a dweud | keine angabe | mochte ich nicht sagen | antwort verweigert
        refuse de repondre | ne souhaite pas repondre | je prefere ne pas repondre | prefiero no contestar | prefiero no responder
        no contesta | prefiro nao responder | nao responde | preferisco non rispondere | wil niet zeggen | zeg ik liever niet
        vill ej svara | vill inte svara | onsker ikke a svare | odmowa odpowiedzi
    """,
    "not_asked": "not asked | question not asked | item not asked | nicht gefragt | nicht erhoben | non pose",
}
_DECLARED: dict[MissingAnswer, str] = {
    "dont_know": """
        not sure | unsure | unknown | dont remember | cant remember | cannot say | no opinion | dont know no opinion
        no basis for evaluation | no basis to judge | cannot judge | cant judge | unable to judge | unbekannt | inconnu
    """,
    "refused": """
        no answer | not answered | no response | nonresponse | non response | not stated | na no answer | missing no answer | left blank
        item nonresponse | refuse | refus | verweigert | odmowa | keine antwort | sans reponse | non reponse | sin respuesta
        sem resposta | geen antwoord
    """,
    "not_asked": """
        not applicable | inapplicable | inap | iap | na | n a | does not apply | item not applicable | proxy not applicable
        schedule not applicable | niu | skipped | legitimate skip | valid skip | logical skip | not in wave | not in universe | not selected
        trifft nicht zu | non applicable | no aplica | nao se aplica | niet van toepassing | filtered | routed past
        broke off | break off | breakoff
    """,
}


@lru_cache(maxsize=4096)
def missing_kind(label: str, *, declared: bool = False) -> MissingAnswer | None:
    """What an option of these words stands for when it is no answer, else None.

    `declared`: the format says that it is missing. Then it is enough that the label begins so: `Inapplicable, under 16`.
    """
    words = _normal(label)
    if not declared:
        return _KINDS.get(words)
    beginnings = (" ".join(words.split()[:length]) for length in range(_LONGEST_PHRASE, 0, -1))
    return next((kind for each in beginnings if (kind := _DECLARED_KINDS.get(each))), None)


def _normal(label: str) -> str:
    """Lower case, without accents, apostrophes, punctuation, a code at the beginning and what is in brackets at the end."""
    words = _IN_BRACKETS_AT_END.sub("", _CODE_AT_BEGINNING.sub("", label[:200]))
    spelt = unicodedata.normalize("NFKD", words.casefold())
    letters = "".join(each for each in spelt if not unicodedata.combining(each))
    return " ".join(re.sub(r"[^\w\s]|_", " ", re.sub(r"['’‘`´]", "", letters)).split())


def _kinds(phrases: dict[MissingAnswer, str]) -> dict[str, MissingAnswer]:
    every = ((phrase, kind) for kind, listed in phrases.items() for line in listed.splitlines() for phrase in line.split("|"))
    return {_normal(phrase): kind for phrase, kind in every if phrase.strip()}


_KINDS = _kinds(_OFFERED)
_DECLARED_KINDS = _kinds(_DECLARED) | _KINDS
_LONGEST_PHRASE = max(len(phrase.split()) for phrase in _DECLARED_KINDS)
