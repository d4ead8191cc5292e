"""Write the generated tables anew: python -m tests.tables."""

from adapter.values.countries import TABLE
from tests.tables.countries import country_table

TABLE.write_text(country_table(), encoding="utf-8")
