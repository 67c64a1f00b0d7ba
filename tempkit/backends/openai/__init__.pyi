from .chat_completions import OpenAIBackend as OpenAIBackend
