"""Write the generated tables anew: python -m tests.tables."""

from adapter.values.countries import TABLE
from tests.tables.countries import country_table
from tests.tables.number_table import PAGE, with_tables

TABLE.write_text(country_table(), encoding="utf-8")
PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
