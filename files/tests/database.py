"""The metadata database answers and is migrated."""

import os
import re
import sys

import psycopg2

url = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
with psycopg2.connect(url, connect_timeout=10) as connection, connection.cursor() as cursor:
    cursor.execute("select version_num from alembic_version")
    versions = cursor.fetchall()
print(f"schema {versions}")
if len(versions) != 1:
    sys.exit(f"one schema version expected, found {versions}")
