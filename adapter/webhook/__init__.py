"""A request and what it proves and says: proof, handshake, document, answer. Pure."""
