"""What a header's name and value may be (RFC 9110 §5.6.2, §5.5). Pure."""

import re

NAME_PATTERN = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
HEADER_NAME = re.compile(NAME_PATTERN)
# Visible characters, with blanks between them at most.
HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
