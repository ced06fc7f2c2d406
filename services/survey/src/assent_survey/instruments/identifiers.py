"""What says directly who somebody is: an e-mail address, a telephone number, a name, an address. No such answer is kept.

Readers say what a format itself declares, such as a text that must be an e-mail address. Where it declares nothing the words of the
question tell: few phrases, and only whole ones, so that `Name of the school` and `How did you hear the name?` stay questions.
"""

import re
import unicodedata
from functools import lru_cache

ADDRESS = "an address"
CONTACT = "contact details"
E_MAIL = "an e-mail address"
NAME = "a name"
NUMBER = "a personal number"
TELEPHONE = "a telephone number"

_CALLED = {
    NAME: """
        name | full name | name in full | first name | firstname | last name | lastname | surname | forename | forenames | given name
        given names | family name | middle name | first and last name | first name and surname | name and surname | legal name
        vorname | nachname | familienname | vor und nachname | name und vorname | vorname und nachname | prenom | nom de famille
        nom et prenom | nom et prenoms | nombre completo | nombre y apellido | nombre y apellidos | apellido | apellidos
        nome completo | nome e cognome | cognome | voornaam | achternaam | enw cyntaf | cyfenw | enw llawn
    """,
    E_MAIL: """
        email | e mail | email address | e mail address | mail address | email id | e mail adresse | emailadresse | mailadresse
        adresse e mail | adresse email | courriel | adresse courriel | correo electronico | correo | endereco de e mail | e mailadres
        emailadres | indirizzo email | indirizzo e mail | cyfeiriad e bost | cyfeiriad ebost
    """,
    TELEPHONE: """
        phone | phone number | phone no | telephone | telephone number | telephone no | mobile | mobile number | mobile phone
        mobile phone number | cell phone | cell phone number | cellphone number | contact number | contact phone number | home phone
        work phone | daytime phone | whatsapp number | telefon | telefonnummer | handynummer | mobilnummer | numero de telephone
        telephone portable | numero de telefono | telefono | numero de telefone | telefoonnummer | rhif ffon
    """,
    ADDRESS: """
        address | home address | postal address | mailing address | street address | residential address | full address | address line 1
        address line 2 | anschrift | wohnadresse | postanschrift | adresse postale | direccion | domicilio | cyfeiriad | cyfeiriad cartref
    """,
    NUMBER: """
        national insurance number | nhs number | social security number | ssn | passport number | national id | national id number
        national identity number | id card number | tax number | medical record number | numero de identificacion
    """,
}
_WHOSE = (
    r"(?:respondent|participant|interviewee|interviewer|enumerator|surveyor|assistant|supervisor|parent|mother|father|guardian|carer"
    r"|caregiver|child|spouse|husband|wife|patient|client|student|teacher|farmer|applicant|head of (?:the )?household|household head"
    r"|contact)s?"
)
_ASKED_FOR = re.compile(
    rf"(?:if other )?(?:please )?(?:enter |provide |give(?: us)? |type |write |state |specify |tell us |fill in )?(?:what is |whats )?"
    rf"(?:your |the |my |an? |(?:the )?{_WHOSE} )*(?P<thing>[a-z0-9 ]+?)(?: of (?:the |your )?{_WHOSE})?(?: here)?(?: please)?"
)
_IN_BRACKETS_AT_END = re.compile(r"[\[(][^\[\]()]*[\])]\W*$")
_NUMBER_BEFORE = re.compile(r"^\s*(?:[a-z]{0,2}\d{1,3}[a-z]?(?:\.\d{1,2})?)[\s.:)-]+")
_SAYS_NUMBER = re.compile(r"\b(?:number|no|numero|rhif|ssn|id)\b|nummer\b")
_LONGEST = 100


def not_kept(what: str = "") -> str:
    """What a reader says of a question of which it keeps no answer, because the answer is this."""
    return f"a direct identifier ({what}), which is not kept" if what else "a direct identifier, which is not kept"


def identifier_asked_for(wording: str, *, number: bool = False) -> str:
    """What a question that is answered in writing asks for, if one of its lines only names an identifier; else empty.

    `number`: it is answered by a number, so that `Mobile` may ask for how many, and only `Mobile number` for the number itself.
    """
    return next((what for line in wording.splitlines() if (what := _named(line, number))), "")


@lru_cache(maxsize=4096)
def _named(line: str, number: bool) -> str:
    if len(line) > _LONGEST:
        return ""
    words = _NUMBER_BEFORE.sub("", _IN_BRACKETS_AT_END.sub("", line.casefold()))
    letters = "".join(each for each in unicodedata.normalize("NFKD", words) if not unicodedata.combining(each))
    plain = " ".join(re.sub(r"[^\w\s]|_", " ", re.sub(r"['’‘`´]", "", letters)).split())
    asked = _ASKED_FOR.fullmatch(plain)
    thing = plain if plain in _WHAT or asked is None else asked["thing"]
    return _WHAT.get(thing, "") if not number or _SAYS_NUMBER.search(thing) else ""


_WHAT = {
    " ".join(phrase.split()): what for what, listed in _CALLED.items() for line in listed.splitlines() for phrase in line.split("|")
}
_WHAT.pop("", None)
