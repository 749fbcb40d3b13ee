from .catalog import *  # noqa: F403
from .sales import Invoice, Order, OrderLine  # noqa: F401
from .tree import Node  # noqa: F401
