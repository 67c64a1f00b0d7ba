from .embedding import EmbeddingModel as EmbeddingModel
from .scoring import ScoringModel as ScoringModel
from .scoring import score as score
