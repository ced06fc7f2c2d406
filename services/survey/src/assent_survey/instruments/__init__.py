"""The formats in which instruments come, one file each, all with the face described in `face`."""

from assent_survey.instruments.ddi import DdiCodebook
from assent_survey.instruments.face import Reader
from assent_survey.instruments.formbricks import FormbricksSurvey
from assent_survey.instruments.limesurvey import LimeSurvey
from assent_survey.instruments.qsf import Qsf
from assent_survey.instruments.redcap import RedcapDictionary
from assent_survey.instruments.surveyjs import SurveyJs
from assent_survey.instruments.triples import TripleS
from assent_survey.instruments.typeform import TypeformForm
from assent_survey.instruments.xlsform import XlsForm

_EVERY: tuple[Reader, ...] = (
    TripleS(),
    XlsForm(),
    Qsf(),
    LimeSurvey(),
    SurveyJs(),
    TypeformForm(),
    FormbricksSurvey(),
    RedcapDictionary(),
    DdiCodebook(),
)
READERS: dict[str, Reader] = {reader.name: reader for reader in _EVERY}
