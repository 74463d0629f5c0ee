"""Pictures of quantities: what is drawn is text of the library, what it shows is the model's."""

from gutskin.pictures.balance import keep as keep
from gutskin.pictures.budget import Budget as Budget
from gutskin.pictures.read import Picture as Picture
from gutskin.pictures.read import picture_names as picture_names
from gutskin.pictures.read import read_picture as read_picture
from gutskin.pictures.values import faults as faults
from gutskin.pictures.values import take as take
