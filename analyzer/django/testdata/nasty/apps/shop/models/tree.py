from django.db import models
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver


class Node(models.Model):
    up = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    name = models.CharField(max_length=9)
    name2, other = None, None

    class Meta:
        app_label = "legacy"


Node.add_to_class("late", models.BooleanField(null=True))


class Leaf(Node):
    node_ptr = models.OneToOneField(Node, models.CASCADE, parent_link=True, primary_key=True)


class SubLeaf(Leaf):
    name2 = models.TextField()


@receiver([post_save, pre_delete], sender=Node)
def on_node(sender, **kwargs): ...
