"""The name of a source: that of its mapping file, and a part of its URL. Pure."""

import re

SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
SOURCE_NAME_EXPECTED = "the name of a mapping file without .yaml, such as hubspot"
