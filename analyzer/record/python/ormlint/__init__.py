"""ormlint for Python: `python -m ormlint` runs the binary of this wheel.

The recorder, which writes down the queries of a running Django process, joins
here as modules of this package. So nothing may be imported here, nor anything
be done: a Django process pays for what it asks for.
"""
