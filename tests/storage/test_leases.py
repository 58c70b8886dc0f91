"""What goes out next is found by index, however much waits and however many people there are."""

import pytest
from sqlalchemy.dialects import sqlite

from storage.queries.leases import answers, leasing, to_many
from tests.conftest import sqlite_only


@sqlite_only
@pytest.mark.parametrize("paced", [False, True])
@pytest.mark.parametrize(("which", "index"), [(answers, "message_answers"), (to_many, "message_to_many")])
def test_neither_everybody_nor_everything_is_looked_through(database, which, index, paced):
    statement = leasing(which(), skip_locked=False, paced=paced).compile(dialect=sqlite.dialect())
    values = tuple("1" for _name in statement.positiontup)

    def plan(db):
        return [row[3] for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    steps = database.read(plan)
    assert any(f"USING INDEX {index} (account=?" in step for step in steps), steps
    assert [step for step in steps if step.startswith("SCAN") and step != "SCAN first"] == []
