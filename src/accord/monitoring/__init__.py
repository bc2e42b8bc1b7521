"""The door for whoever runs the node: health, figures for Prometheus, the log."""
