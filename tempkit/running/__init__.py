"""Carry out a plan: hand sweeps to backends, store what comes, show how far it is."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
