"""Names that people write for an ISO 3166 region, to suggest its code. Pure."""

from collections.abc import Mapping

REGION_CODES: Mapping[str, str] = {
    "argentina": "AR", "australia": "AU", "austria": "AT", "österreich": "AT",
    "belgium": "BE", "bolivia": "BO", "brasil": "BR", "brazil": "BR", "bulgaria": "BG",
    "canada": "CA", "chile": "CL", "china": "CN", "colombia": "CO", "costa rica": "CR",
    "croatia": "HR", "cyprus": "CY", "czech republic": "CZ", "czechia": "CZ", "denmark": "DK",
    "deutschland": "DE", "ecuador": "EC", "egypt": "EG", "england": "GB",
    "españa": "ES",
    "estonia": "EE", "finland": "FI", "france": "FR", "germany": "DE", "great britain": "GB",
    "greece": "GR", "guatemala": "GT", "hong kong": "HK", "hungary": "HU", "iceland": "IS",
    "india": "IN", "indonesia": "ID", "ireland": "IE", "israel": "IL", "italia": "IT",
    "italy": "IT", "japan": "JP", "latvia": "LV", "lithuania": "LT", "luxembourg": "LU",
    "malaysia": "MY", "malta": "MT", "mexico": "MX", "méxico": "MX", "morocco": "MA",
    "netherlands": "NL", "new zealand": "NZ", "nigeria": "NG", "norway": "NO", "panama": "PA",
    "peru": "PE", "perú": "PE", "philippines": "PH", "poland": "PL", "portugal": "PT",
    "romania": "RO", "saudi arabia": "SA", "scotland": "GB", "singapore": "SG", "slovakia": "SK",
    "slovenia": "SI", "south africa": "ZA", "south korea": "KR", "spain": "ES", "sweden": "SE",
    "switzerland": "CH", "thailand": "TH", "the netherlands": "NL", "turkey": "TR",
    "türkiye": "TR", "ukraine": "UA", "united arab emirates": "AE", "uae": "AE",
    "united kingdom": "GB", "uk": "GB", "united states": "US", "united states of america": "US",
    "uruguay": "UY", "usa": "US", "venezuela": "VE", "vietnam": "VN", "wales": "GB",
    "arg": "AR", "aus": "AU", "aut": "AT", "bel": "BE", "bra": "BR", "can": "CA", "che": "CH",
    "chl": "CL", "col": "CO", "deu": "DE", "dnk": "DK", "esp": "ES", "fin": "FI", "fra": "FR",
    "gbr": "GB", "grc": "GR", "irl": "IE", "ind": "IN", "ita": "IT", "mex": "MX", "nld": "NL",
    "nor": "NO", "nzl": "NZ", "per": "PE", "pol": "PL", "prt": "PT", "swe": "SE",
}  # fmt: skip
