import far.away.models as fam
from apps.shop.models import Order as TheOrder
from django.db.models import *  # noqa: F403


class Log(Model):  # noqa: F405
    order = ForeignKey(TheOrder, CASCADE, related_name="logs")  # noqa: F405
    other = ForeignKey(fam.Away, CASCADE, db_index=False)  # noqa: F405
    text = TextField(null=True)  # noqa: F405

    class Meta:
        managed = False
        db_table = "LEGACY_LOG"


try:
    from elsewhere import Thing
except ImportError:

    class Thing(Model):  # noqa: F405
        n = PositiveBigIntegerField()  # noqa: F405
