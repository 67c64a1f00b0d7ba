"""What a hosted model costs, from the price list that comes with `genai-prices`; nothing is looked up on the network.

Prices are per token at short lengths. A model that is not on the list has no price, which is not the same as a price of 0.
"""

from functools import cache

from tempkit.types import Price

__all__ = ["has_prices", "price_of", "priced_models"]

_PROVIDERS = {
    "openai": "openai",
    "azure": "azure",
    "anthropic": "anthropic",
    "google": "google",
    "mistral": "mistral",
    "groq": "groq",
    "together": "together",
    "fireworks": "fireworks",
    "openrouter": "openrouter",
    "xai": "x-ai",
    "deepseek": "deepseek",
    "bedrock": "aws",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "minimax": "minimax",
    "moonshot": "moonshotai",
    "vertex": "google",
    "zai": "zai",
}
"""Our names of providers to those of the list. A server of one's own has no price there."""

_TOKENS = 1000
"""Few enough that no surcharge for long prompts is in the price."""


@cache
def price_of(provider: str, model: str) -> Price | None:
    """Return a model's price; None when it is not known."""
    if provider not in _PROVIDERS:
        return None
    from genai_prices import Usage, calc_price

    if provider == "vertex":  # whose names have their maker's before them
        model = model.rpartition("/")[2]
    try:
        asked, answered = (
            calc_price(usage, model, provider_id=_PROVIDERS[provider]).total_price
            for usage in (Usage(input_tokens=_TOKENS), Usage(output_tokens=_TOKENS))
        )
    except LookupError:
        return None
    return Price(float(asked) / _TOKENS, float(answered) / _TOKENS)


def has_prices(provider: str) -> bool:
    """Whether the list has prices of a provider at all."""
    return provider in _PROVIDERS


def priced_models(provider: str) -> tuple[str, ...]:
    """Return the names of a provider's models that have a price and are not known to be retired, as requests have them."""
    from genai_prices.data_snapshot import get_snapshot

    listed = (each for each in get_snapshot().providers if each.id == _PROVIDERS.get(provider))
    names = (model.id for each in listed for model in each.models if not model.deprecated)
    if provider == "google":  # the list has all that Google Cloud sells
        return tuple(name for name in names if not name.startswith("claude"))
    if provider == "vertex":
        return tuple(f"google/{name}" for name in names if name.startswith("gemini"))
    return tuple(names)
