"""Other TAXII 2.1 servers, each in an environment of its own, to be measured beside Accord."""
