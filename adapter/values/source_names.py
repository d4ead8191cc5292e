"""What a source may be called: as its mapping file is, and as it stands in its URL. Pure."""

import re

SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
SOURCE_NAME_EXPECTED = "the name of a mapping file without .yaml, such as hubspot"
