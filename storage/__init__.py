"""Tables, queries, migrations and sealed columns."""
