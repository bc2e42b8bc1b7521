"""Whether the rules were kept, without reading content."""
