from .chances import Chances as Chances
