"""The controlled terms of the practice tuple: a label and a definition each, and a parent where kinds or sectors matter.

The built-in terms below are a start; a study adds its own. Data types have a *kind of record* as parent, senders and recipients a
*sector*: matching compares those. The closed slots (processor, operation, setting, transmission principle) are listed here only for
their labels.
"""

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict, Field

from assent_contracts.practice import SLOTS, Practice, Slot, Term


class TermDefinition(BaseModel):
    """One term of one slot. `parent` is a term of the same slot: the kind of record, or the sector."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slot: Slot
    term: Term
    label: str = Field(min_length=1, max_length=200)
    definition: str = Field(min_length=1, max_length=2000)
    parent: Term | None = None


class Vocabulary:
    """Terms by slot: the built-in ones and, over them, a study's own."""

    def __init__(self, own: Iterable[TermDefinition] = ()) -> None:
        self._terms: dict[tuple[str, str], TermDefinition] = {(t.slot, t.term): t for t in (*BUILT_IN, *own)}

    def __iter__(self) -> Iterator[TermDefinition]:
        return iter(self._terms.values())

    def label(self, slot: Slot, term: str) -> str:
        """The term in words; the bare term when it is not defined."""
        found = self._terms.get((slot, term))
        return found.label if found else term.replace("_", " ")

    def parent(self, slot: Slot, term: str) -> str:
        """The kind of record or the sector of a term. A term without a parent is its own."""
        found = self._terms.get((slot, term))
        return (found.parent if found else None) or term

    def unknown(self, practice: Practice) -> list[tuple[Slot, str]]:
        """The terms of a practice that nobody has defined; matching treats them as themselves and the view says so."""
        return [(slot, term) for slot in SLOTS for term in sorted(practice.values(slot)) if (slot, term) not in self._terms]


def _terms(slot: Slot, *rows: tuple[str, str, str] | tuple[str, str, str, str]) -> list[TermDefinition]:
    return [
        TermDefinition(slot=slot, term=row[0], label=row[1], definition=row[2], parent=row[3] if len(row) == 4 else None)
        for row in rows
    ]


_SECTORS = (
    ("local_authority", "Local authority", "A council or combined authority and its departments"),
    ("central_government", "Central government", "A ministry or national agency"),
    ("health_service", "Health service", "NHS bodies, practices and health visiting"),
    ("education", "Schools and education", "Schools, nurseries, colleges and those who run them"),
    ("police_and_justice", "Police and justice", "Police forces, courts, probation and youth justice"),
    ("private_company", "Private company", "A company, such as a data analytics firm"),
    ("voluntary_sector", "Voluntary sector", "A charity or community organisation"),
    ("research", "Universities and research", "A university or research institute"),
)

_BODIES = (
    ("childrens_services", "Children's services", "A council's social care and early help for children", "local_authority"),
    ("housing_department", "Council housing", "A council's or housing association's landlord services", "local_authority"),
    ("tax_authority", "Tax authority", "The body that collects taxes", "central_government"),
    ("benefits_agency", "Benefits agency", "The body that pays social security", "central_government"),
    ("education_ministry", "Education ministry", "The ministry responsible for schools", "central_government"),
    ("immigration_authority", "Immigration authority", "The body that decides on residence and entry", "central_government"),
    ("general_practice", "General practice", "A family doctor's practice", "health_service"),
    ("hospital", "Hospital", "A hospital or hospital trust", "health_service"),
    ("school", "School", "A school or nursery", "education"),
    ("police_force", "Police force", "A police force", "police_and_justice"),
    (
        "data_analytics_company",
        "Data analytics company",
        "A company that links or models data for public bodies",
        "private_company",
    ),
)

BUILT_IN: tuple[TermDefinition, ...] = (
    *_terms(
        "data_types",
        ("education_data", "Education data", "Records made by schools and education bodies"),
        ("school_records", "School records", "Enrolment, attainment and special needs", "education_data"),
        ("school_attendance", "School attendance", "Attendance and absence", "education_data"),
        ("school_exclusions", "School exclusions", "Suspensions and permanent exclusions", "education_data"),
        ("health_data", "Health data", "Records made by health services"),
        ("health_records", "Health records", "Records of a family doctor or hospital", "health_data"),
        ("mental_health_records", "Mental health records", "Records of mental health services", "health_data"),
        (
            "maternity_records",
            "Maternity and health visiting records",
            "Records of pregnancy, birth and early years",
            "health_data",
        ),
        ("social_care_data", "Social care data", "Records made by children's and adults' social care"),
        ("childrens_social_care", "Children's social care records", "Referrals, assessments, plans", "social_care_data"),
        ("early_help_records", "Early help records", "Records of voluntary family support", "social_care_data"),
        ("justice_data", "Police and justice data", "Records made by police, courts and probation"),
        ("police_records", "Police records", "Contacts, incidents and arrests", "justice_data"),
        ("court_records", "Court records", "Cases and orders", "justice_data"),
        ("financial_data", "Tax and benefits data", "Records about income, tax and social security"),
        ("tax_records", "Tax records", "Income and tax", "financial_data"),
        ("benefit_records", "Benefit records", "Claims and payments of social security", "financial_data"),
        ("debt_records", "Debt records", "Arrears and debts to public bodies", "financial_data"),
        ("housing_data", "Housing data", "Records about tenancies and homelessness"),
        ("housing_records", "Housing records", "Tenancies, arrears and homelessness", "housing_data"),
        ("immigration_data", "Immigration data", "Records about residence and entry"),
        ("immigration_records", "Immigration records", "Status and applications", "immigration_data"),
        ("commercial_data", "Commercial data", "Data bought from or held by companies"),
        ("social_media", "Social media", "What people write or share on social platforms", "commercial_data"),
        ("consumer_data", "Consumer data", "Purchases, credit and lifestyle data", "commercial_data"),
    ),
    *_terms(
        "subjects",
        ("all_families", "All families", "Every family in the area or country"),
        ("children", "Children", "Children only"),
        ("parents", "Parents", "Parents or carers only"),
        ("families_in_contact_with_services", "Families in contact with services", "Families already known to a service"),
        ("families_with_young_children", "Families with young children", "Families with a child under five"),
    ),
    *_terms("sender", *_SECTORS, *_BODIES),
    *_terms("recipient", *_SECTORS, *_BODIES),
    *_terms(
        "processor",
        ("in_house", "In house", "The public body does the work itself"),
        ("outsourced", "Outsourced", "A company or other body does the work"),
    ),
    *_terms(
        "operation",
        ("link", "Link", "Join records about the same family from several sources"),
        ("describe", "Describe", "Produce statistics about groups of families"),
        ("predict_risk", "Predict risk", "Compute a risk score for a family"),
        ("flag", "Flag", "Point a family out to a worker"),
        ("intervene", "Intervene", "Act on a family because of the data"),
    ),
    *_terms(
        "purpose",
        ("early_help", "Early help", "Offer support before problems grow"),
        ("child_protection", "Child protection", "Prevent harm to a child"),
        ("crime_prevention", "Crime prevention", "Prevent or detect crime and anti-social behaviour"),
        ("fraud_detection", "Fraud detection", "Find error and fraud in claims"),
        ("school_support", "School support", "Support attendance and attainment"),
        ("service_planning", "Service planning", "Plan and pay for services"),
        ("immigration_enforcement", "Immigration enforcement", "Enforce immigration rules"),
        ("public_health", "Public health", "Protect and improve the health of a population"),
        ("research_and_statistics", "Research and statistics", "Produce knowledge, not decisions about a family"),
    ),
    *_terms(
        "setting",
        ("operational", "Operational", "Used in the work of a service with the families themselves"),
        ("research", "Research", "Used for research or statistics only"),
    ),
    *_terms(
        "transmission_principle",
        ("consent", "Consent", "Only when the family has agreed"),
        ("notice", "Notice", "The family is told but not asked"),
        ("legal_power", "Legal power", "A law allows it; the family is neither asked nor told"),
        ("none", "No stated principle", "Neither consent nor notice nor a stated legal power"),
    ),
    *_terms(
        "safeguards",
        ("de_identified", "De-identified", "Names and identifiers are removed first"),
        ("right_to_see", "Right to see", "Families can see what is held about them"),
        ("right_to_correct", "Right to correct", "Families can have errors corrected"),
        ("right_to_opt_out", "Right to opt out", "Families can leave without losing a service"),
        ("independent_oversight", "Independent oversight", "A body outside the service checks the practice"),
        ("public_register", "Public register", "The practice is listed where anyone can find it"),
        ("human_decision", "Human decision", "A person, not a score, decides"),
        ("bias_audit", "Bias audit", "Unequal effects on groups are measured and published"),
    ),
    *_terms(
        "consequence",
        ("offer_of_support", "Offer of support", "The family is offered help and may refuse"),
        ("visit", "Visit", "A worker visits the family"),
        ("investigation", "Investigation", "An enquiry about the family is opened"),
        ("sanction", "Sanction", "A payment, place or right may be lost"),
        ("no_individual_consequence", "No individual consequence", "Nothing happens to a family because of it"),
    ),
)
