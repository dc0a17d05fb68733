"""A backup: the whole of one installation in one archive, the same for SQLite and PostgreSQL.

| member | what it is |
|---|---|
| `tables/NAME.jsonl` | one table, a JSON array for each row, in the order of its key |
| `evidence/`, `documents/`, `config/` | files, as they lie in DUBAN_HOME |
| `manifest.json` | revision of the schema, columns and number of rows of each table, SHA-256 and size of every member |
"""
