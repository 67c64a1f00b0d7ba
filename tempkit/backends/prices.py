"""What a hosted model costs, from the price list that comes with `genai-prices`; nothing is looked up on the network.

Prices are per token at short lengths. A model that is not on the list has no price, which is not the same as a price of 0.
"""

from functools import cache

from tempkit.types import Price

__all__ = ["price_of"]

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

    try:
        asked, answered = (
            calc_price(usage, model, provider_id=_PROVIDERS[provider]).total_price
            for usage in (Usage(input_tokens=_TOKENS), Usage(output_tokens=_TOKENS))
        )
    except LookupError:
        return None
    return Price(float(asked) / _TOKENS, float(answered) / _TOKENS)
