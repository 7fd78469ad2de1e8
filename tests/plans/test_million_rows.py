import pytest
from django.db import connection

def test_x(million):
    with connection.cursor() as c:
        c.execute("select relname, pg_relation_size(oid)/1e6 from pg_class where relkind in ('r','i') order by 2 desc limit 40")
        for r in c.fetchall(): print(r)
