"""Body → document: JSON, forms, multipart, XML. Pure."""
