"""What a twin is asked: what is hidden, what will happen, which plan helps, what to measure next."""

from gutskin.answers.diagnose import Diagnosis, diagnose
from gutskin.answers.forecast import Forecast, forecast
from gutskin.answers.rank import Ranking, rank

__all__ = ["Diagnosis", "Forecast", "Ranking", "diagnose", "forecast", "rank"]
