from .continuations import ContinuationModel as ContinuationModel
from .continuations import rows_of as rows_of
from .continuations import tells_next_tokens as tells_next_tokens
from .embedding import EmbeddingModel as EmbeddingModel
from .scoring import ScoringModel as ScoringModel
from .scoring import score as score
