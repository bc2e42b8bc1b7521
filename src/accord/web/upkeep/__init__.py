"""The node itself: health, peers, quarantine, settings."""
