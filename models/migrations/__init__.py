"""Alembic's migrations: `NNNN_verb_what.py` under versions/; applied by models.schema.upgrade."""
