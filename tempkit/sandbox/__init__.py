"""What others wrote (templates, patterns, schemas) runs here: in a process of its own, under limits of time and memory.

No list of what is forbidden is ever complete: one short line can always be found that takes minutes or gigabytes. So the
work is done by a helper process that the system holds to its limits; it is killed and replaced when it goes over them, and
only that one value is lost. The helper is started at first need and kept, and is told many things at once, so that
ordinary work costs some milliseconds a run.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
