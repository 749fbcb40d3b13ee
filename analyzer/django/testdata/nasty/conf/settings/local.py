from .base import *  # noqa: F403

INSTALLED_APPS += ["apps.legacy"]
INSTALLED_APPS.append("far.away")
try:
    from .private import *  # noqa: F403
except ImportError:
    pass
