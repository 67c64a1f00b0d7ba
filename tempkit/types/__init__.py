"""The words of tempkit as frozen dataclasses: what flows from a prompt file to a report.

They hold data and check nothing that needs another module; `Plan` is here, and not beside the code that builds it,
because the store and the comparison read it too. Names of request fields are OpenAI's.
"""

from tempkit.types.amounts import MOST_SECONDS, MOST_TOKENS, MOST_USD, known_amount
from tempkit.types.arms import Advice, Arm, Recommendation
from tempkit.types.batches import Batch, BatchRequest
from tempkit.types.exact import ExactAnswer, ExactAnswers
from tempkit.types.models import (
    BatchTerms,
    Capabilities,
    EmbedderChoice,
    Embeddings,
    LogprobKind,
    ModelInfo,
    ModelSpec,
    Price,
    TemperatureStatus,
    TopPRule,
)
from tempkit.types.outcomes import (
    Completion,
    Failure,
    FailureKind,
    FinishReason,
    Outcome,
    Sample,
    SampleKey,
    Sweep,
    TokenLogprob,
)
from tempkit.types.plans import Budget, Design, Later, Plan, TopUp
from tempkit.types.prompts import (
    SHAPING,
    TYPED,
    Check,
    Item,
    Message,
    Prompt,
    Role,
    SamplingParams,
    joined_names,
)
from tempkit.types.reasons import N_, PARAMETER, SENTENCES, Reason, in_words
from tempkit.types.scores import LARGEST_SCORE, Look, Passage, Rating, Score, Scored
from tempkit.types.sheets import Sheet, SheetPair
from tempkit.types.vocabularies import NextTokens, Vocabulary
from tempkit.types.workers import Workers

__all__ = [
    "LARGEST_SCORE",
    "MOST_SECONDS",
    "MOST_TOKENS",
    "MOST_USD",
    "N_",
    "PARAMETER",
    "SENTENCES",
    "SHAPING",
    "TYPED",
    "Advice",
    "Arm",
    "Batch",
    "BatchRequest",
    "BatchTerms",
    "Budget",
    "Capabilities",
    "Check",
    "Completion",
    "Design",
    "EmbedderChoice",
    "Embeddings",
    "ExactAnswer",
    "ExactAnswers",
    "Failure",
    "FailureKind",
    "FinishReason",
    "Item",
    "Later",
    "LogprobKind",
    "Look",
    "Message",
    "ModelInfo",
    "ModelSpec",
    "NextTokens",
    "Outcome",
    "Passage",
    "Plan",
    "Price",
    "Prompt",
    "Rating",
    "Reason",
    "Recommendation",
    "Role",
    "Sample",
    "SampleKey",
    "SamplingParams",
    "Score",
    "Scored",
    "Sheet",
    "SheetPair",
    "Sweep",
    "TemperatureStatus",
    "TokenLogprob",
    "TopPRule",
    "TopUp",
    "Vocabulary",
    "Workers",
    "in_words",
    "joined_names",
    "known_amount",
]
