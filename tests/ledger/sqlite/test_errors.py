"""The table of faults: what SQLite raises, and what a person can do about it."""

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, InvalidRequestError, SQLAlchemyError

from adapter.errors import IllegalMoveError, LedgerError
from adapter.ledger.sqlite.dialect import REMEDIES, translate, translated


def driver_error(name: str) -> sqlite3.Error:
    """Return an error as the driver raises it."""
    error = sqlite3.OperationalError("something about +12025550123")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize("name", [*REMEDIES, "SQLITE_IOERR_FSYNC", "SQLITE_NEWER"])
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_a_fault_says_what_to_do_and_names_no_person(name: str, is_wrapped: bool) -> None:
    """Each of the driver's codes is named, raised by SQLAlchemy or past it."""
    error: SQLAlchemyError | sqlite3.Error = driver_error(name)
    if is_wrapped:
        error = DBAPIError("SELECT", {}, driver_error(name))
    said = str(translate(error))
    assert name in said
    assert "+12025550123" not in said
    primary = "_".join(name.split("_")[:2])
    assert REMEDIES.get(primary, "the ledger failed") in said


def test_faults_keep_their_cause() -> None:
    """Whoever debugs sees what happened underneath; our own errors pass as they are."""
    cause = InvalidRequestError("no driver involved")
    with pytest.raises(LedgerError, match="InvalidRequestError") as caught, translated():
        raise cause
    assert caught.value.__cause__ is cause
    with pytest.raises(IllegalMoveError, match="as it is"), translated():
        raise IllegalMoveError("as it is")
    assert isinstance(translate(driver_error("SQLITE_CONSTRAINT_TRIGGER")), IllegalMoveError)
