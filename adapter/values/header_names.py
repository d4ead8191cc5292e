"""Patterns of a header's name and value (RFC 9110 §5.6.2, §5.5). Pure."""

import re

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# Visible characters, with blanks between them at most.
HEADER_VALUE = re.compile("[!-~]([ -~]*[!-~])?")
