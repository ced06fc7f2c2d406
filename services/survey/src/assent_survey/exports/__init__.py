"""The formats in which collections leave, one file each, all with the face described in `face`."""

from assent_survey.exports.csv import Csv
from assent_survey.exports.ddi import Ddi
from assent_survey.exports.dta import Dta
from assent_survey.exports.face import Exporter
from assent_survey.exports.parquet import Parquet
from assent_survey.exports.sav import Sav
from assent_survey.exports.triple_s import TripleS

EXPORTERS: dict[str, Exporter] = {exporter.name: exporter for exporter in (Csv(), Sav(), Dta(), Parquet(), TripleS(), Ddi())}
