"""The steps from one version of the tables to the next; `vNNNN` leads to version NNNN."""
