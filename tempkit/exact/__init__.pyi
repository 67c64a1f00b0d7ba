from .accepting import accepted as accepted
from .service import Effort as Effort
from .service import Exact as Exact
from .service import LeftOut as LeftOut
from .service import exact_answers as exact_answers
from .service import exact_run as exact_run
