from .probe import REQUESTS as REQUESTS
from .probe import probe_model as probe_model
from .result import ProbeResult as ProbeResult
from .words import findings as findings
from .words import verdict as verdict
