"""Why a mapping made of a request what it made; never at work where calls are made. Pure."""
