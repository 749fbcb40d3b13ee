from django.db import migrations

VIEW = """
CREATE VIEW library_ranking AS
SELECT a.id AS author_id,
       (SELECT count(*) FROM library_book b WHERE b.author_id = a.id) AS books,
       pg_sleep(0.06)::text AS worked
FROM library_author a
"""


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(VIEW)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP VIEW library_ranking")


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
