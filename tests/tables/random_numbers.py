"""python -m tests.tables.random_numbers [N] [SEED]: N fixed lines and N mobiles of every region."""

import sys

from tests.tables.number_table import wrong_numbers

if __name__ == "__main__":
    count, seed = (*map(int, sys.argv[1:]), *(400, 1)[len(sys.argv) - 1 :])
    wrong = wrong_numbers(count, seed=seed)
    sys.exit("\n".join(wrong) if wrong else 0)
