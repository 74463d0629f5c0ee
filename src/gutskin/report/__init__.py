"""One offline page per person: what a plan would do, and how far that can be trusted."""

from gutskin.report.page import render as render
from gutskin.report.page import write as write
from gutskin.report.story import Change as Change
from gutskin.report.story import Composition as Composition
from gutskin.report.story import Course as Course
from gutskin.report.story import Edge as Edge
from gutskin.report.story import GuildShare as GuildShare
from gutskin.report.story import Plan as Plan
from gutskin.report.story import Quantiles as Quantiles
from gutskin.report.story import SampleNote as SampleNote
from gutskin.report.story import Stamp as Stamp
from gutskin.report.story import Story as Story
from gutskin.report.story import Subject as Subject
from gutskin.report.story import Treatment as Treatment
from gutskin.report.story import UnmappedTaxon as UnmappedTaxon
