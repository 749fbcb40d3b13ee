"""Prints what Django itself knows of a project's models, as JSON.

    python dump_meta.py FOLDER SETTINGS

Table names are cut as for PostgreSQL, whatever the settings' database.
"""

import json
import os
import sys

sys.path.insert(0, sys.argv[1])
os.environ["DJANGO_SETTINGS_MODULE"] = sys.argv[2]

import django  # noqa: E402
from django.db import connection  # noqa: E402

connection.ops.max_name_length = lambda: 63
django.setup()

from django.apps import apps  # noqa: E402
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRel, GenericRelation  # noqa: E402
from django.db import models  # noqa: E402


def column(f):
    if isinstance(f, (GenericForeignKey, GenericRelation)) or f.many_to_many or type(f).__name__ == "CompositePrimaryKey":
        return ""
    return f.column or ""


def forward(f, model):
    d = {
        "name": f.name,
        "type": type(f).__name__,
        "column": column(f),
        "null": bool(f.null),
        "unique": bool(f.unique) and type(f).__name__ != "CompositePrimaryKey",
        "auto": "auto_now" if getattr(f, "auto_now", 0) else "auto_now_add" if getattr(f, "auto_now_add", 0) else "",
        "model": f.model._meta.label,
        "kind": "",
        "target": "",
        "extra": "",
    }
    if isinstance(f, GenericForeignKey):
        d["kind"], d["extra"] = "generic_fk", f"{f.ct_field} {f.fk_field}"
        return d
    if not f.is_relation:
        return d
    d["target"] = f.related_model._meta.label
    if isinstance(f, GenericRelation):
        d["kind"], d["extra"] = "generic_relation", f"{f.content_type_field_name} {f.object_id_field_name}"
    elif f.many_to_many:
        d["kind"] = "m2m"
        d["extra"] = f"{f.m2m_db_table()} {f.m2m_column_name()} {f.m2m_reverse_name()} {f.remote_field.through._meta.label}"
    elif f.one_to_one:
        d["kind"] = "mti_parent" if f.remote_field.parent_link and f in f.model._meta.parents.values() else "one_to_one"
    else:
        d["kind"] = "forward_fk"
    if isinstance(f, models.ForeignKey):
        to = f.to_fields[0]
        d["extra"] = to if to and to != f.related_model._meta.pk.name else ""
    return d


def back(r):
    f = r.field
    query = f.related_query_name()
    d = {"name": r.get_accessor_name(), "query": query, "type": type(r).__name__, "target": r.related_model._meta.label, "extra": "", "of": f.name}
    if isinstance(r, GenericRel):
        d["kind"], d["name"] = "reverse_generic", query
    elif r.many_to_many:
        d["kind"] = "m2m"
        d["extra"] = f"{f.m2m_db_table()} {f.m2m_reverse_name()} {f.m2m_column_name()}"
    elif r.one_to_one:
        d["kind"] = "mti_child" if r.parent_link and f in f.model._meta.parents.values() else "reverse_one_to_one"
    else:
        d["kind"] = "reverse_fk"
    return d


def order(o):
    if isinstance(o, str):
        return o
    if isinstance(o, models.F):
        return o.name
    if hasattr(o, "descending") and isinstance(o.expression, models.F):
        return ("-" if o.descending else "") + o.expression.name
    return None


out = {}
for m in apps.get_models(include_auto_created=True):
    o = m._meta
    if o.swapped:
        continue
    constraints = [list(c.fields) for c in o.total_unique_constraints if c.fields]
    out[o.label] = {
        "table": o.db_table,
        "module": m.__module__,
        "managed": o.managed,
        "auto_created": bool(o.auto_created),
        "proxy": o.concrete_model._meta.label if o.proxy else "",
        "pk": [f.name for f in o.pk_fields],
        "parents": sorted(p._meta.label for p in o.get_parent_list() if not p._meta.proxy) if not o.proxy else None,
        "ordering": [x for x in map(order, o.ordering) if x],
        "unique": sorted([list(u) for u in o.unique_together] + constraints),
        "indexes": sorted([n.lstrip("-") for n in i.fields] for i in o.indexes if i.fields and i.condition is None),
        "manager": o.default_manager.name,
        "fields": [forward(f, m) for f in o._get_fields(reverse=False)],
        "reverse": sorted((back(r) for r in o._get_fields(forward=False, include_hidden=False) if r.get_accessor_name() not in (None, "+")), key=lambda d: (d["name"], d["target"], d["of"])),
    }
json.dump(out, sys.stdout, indent=1, sort_keys=True)
