"""One offline page per person: what is hidden, what will happen, and which plan helps."""

from gutskin.report.person.page import render as render
from gutskin.report.person.page import write_person as write_person
from gutskin.report.person.told import Band as Band
from gutskin.report.person.told import Diagnosis as Diagnosis
from gutskin.report.person.told import Driver as Driver
from gutskin.report.person.told import Finding as Finding
from gutskin.report.person.told import Fit as Fit
from gutskin.report.person.told import Forecast as Forecast
from gutskin.report.person.told import GuildBand as GuildBand
from gutskin.report.person.told import Interval as Interval
from gutskin.report.person.told import Kind as Kind
from gutskin.report.person.told import Measurement as Measurement
from gutskin.report.person.told import PersonReport as PersonReport
from gutskin.report.person.told import Plan as Plan
from gutskin.report.person.told import Ranking as Ranking
from gutskin.report.person.told import Side as Side
