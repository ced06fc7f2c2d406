"""The rationales with which a study begins: reasons given for linking families' data, and against it.

The first six are the two-layer chain that the study found in documents: families are made a problem (deprivation handed down, disorder,
cost), and finding them becomes one that data promises to solve (knowledge, timeliness, economy). The eight others are the criticisms
met in the same debate (domain.md 1.2). The definitions are this project's own wording; a study changes them and adds its own.
"""

from dataclasses import dataclass
from typing import Literal

RationaleStance = Literal["for", "against"]


@dataclass(frozen=True, slots=True)
class Rationale:
    """One code: the kind of reason, and which way it speaks."""

    code: str
    label: str
    definition: str
    stance: RationaleStance


DEFAULT_CODEBOOK: tuple[Rationale, ...] = (
    Rationale(
        "transmitted_deprivation",
        "Transmitted deprivation",
        "Poverty, poor parenting or trouble are said to pass from parents to children, so families must be found early to break the"
        " cycle. Code where the cause is placed in the family across generations; not where poverty itself is named as the cause.",
        "for",
    ),
    Rationale(
        "anti_social_behaviour",
        "Anti-social behaviour",
        "Families are presented as a source of crime, disorder or nuisance to others, and data as the way to know which families. Code"
        " where the harm is to neighbours or the public; not where a child is said to be at risk at home.",
        "for",
    ),
    Rationale(
        "cost_to_the_public_purse",
        "Cost to the public purse",
        "Some families are said to use a large or unfair share of public spending, and that is the problem to be solved. Code where"
        " families are the cost; where the data system is said to save money, use economic efficiency.",
        "for",
    ),
    Rationale(
        "powerful_knowledge",
        "Powerful knowledge",
        "Joined-up data are said to show what no worker or service can see alone: the whole family, the hidden risk, the true picture."
        " Code claims about insight and completeness; where the claim is speed, use timeliness.",
        "for",
    ),
    Rationale(
        "timeliness",
        "Timeliness",
        "Data are said to allow action sooner: early warning, prevention, help before a crisis. Code where the gain is time, including"
        " prediction sold as prevention.",
        "for",
    ),
    Rationale(
        "economic_efficiency",
        "Economic efficiency",
        "Linking or analytics is said to save money or do more with less: fewer assessments, better targeting, demand managed. Code"
        " where the technique is the saving; where families are the cost, use cost to the public purse.",
        "for",
    ),
    Rationale(
        "security",
        "Security of the data",
        "Linked data are said to be open to loss, leaks, hacking or misuse by those with access. Code fears and reports of breaches and"
        " of data travelling further than was meant.",
        "against",
    ),
    Rationale(
        "consent",
        "Consent",
        "Families are said not to have been asked, or not told, or unable to refuse. Code where the missing agreement or notice is the"
        " objection; where a refusal was set aside, use override.",
        "against",
    ),
    Rationale(
        "deterrence",
        "Deterrence from services",
        "People are said to stay away from doctors, schools or support because of what may be recorded and shared. Code expected and"
        " observed avoidance, and holding back in what is told.",
        "against",
    ),
    Rationale(
        "trust",
        "Public acceptance and trust",
        "The practice is said to lack public support or to spend the trust that services depend on. Code doubt in the motives or the"
        " competence of those who hold the data, and calls to ask the public first.",
        "against",
    ),
    Rationale(
        "inaccuracy",
        "Inaccuracy",
        "Records or scores are said to be wrong, old, incomplete or misread, with consequences for a family. Code errors of the data and"
        " of the prediction; where error falls on some groups more, also code inequality.",
        "against",
    ),
    Rationale(
        "inequality",
        "Inequality",
        "The practice is said to fall on poor, minority ethnic or otherwise disadvantaged families more, or to build past unfairness"
        " into the future. Code unequal attention, unequal error and unequal consequences.",
        "against",
    ),
    Rationale(
        "override",
        "Override of consent",
        "Families' refusal or a legal protection is said to be set aside, by law, by a claim of safeguarding or in practice. Code where"
        " agreement was withheld or a right existed and was not honoured.",
        "against",
    ),
    Rationale(
        "no_register",
        "No public register",
        "Nobody outside is said to be able to find out which systems exist, what they use and for what. Code secrecy, absent registers,"
        " unanswered questions and commercial confidentiality.",
        "against",
    ),
)
